/** What differs between two apps of the benchmark's work. Peers get `callers` for nothing; landfall works them out. */
export interface AppFacts {
  name: string;
  version: string;
  min: number;
  max: number;
  cpu: string;
  memory: string;
  /** Twice `memory`, which is landfall's default. */
  memoryLimit: string;
  logLevel: string;
  calls: string[];
  callers: string[];
}
