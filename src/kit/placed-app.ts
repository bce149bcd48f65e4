import type { AppSpec } from "../model/app.ts";

export interface AppPort {
  name: string;
  port: number;
  protocol: "http" | "grpc" | "tcp";
}

/** An app on one cluster, its environment's changes applied and its references resolved. */
export interface PlacedApp {
  /** What its objects are named after: its name, or the one it had before it was `moved`. */
  name: string;
  /** Its name in the declaration, where that is another. */
  declared?: string;
  namespace: string;
  spec: AppSpec;
  /** In the order they were declared; the first is the one meant where no port is named. */
  ports: AppPort[];
  /** The image reference pods use. */
  image: string;
  /** The apps that call it, by name in order. */
  callers: { name: string; namespace: string }[];
  /** The apps it calls. */
  callees: { name: string; declared?: string; namespace: string; ports: AppPort[] }[];
  /** Other apps that answer a share of its routes' traffic, in percent, by name in order; it answers the rest. */
  shares: { name: string; ports: AppPort[]; weight: number }[];
  /** Whether it answers a share of another app's routes. */
  answersForOthers: boolean;
  /** The port metrics are scraped from. */
  metrics: { port: AppPort; path: string } | undefined;
}

/** What of a placed app is found out from other apps. */
export type Surroundings = Pick<
  PlacedApp,
  "name" | "declared" | "namespace" | "callers" | "callees" | "shares" | "answersForOthers"
>;

/** The ports callers may reach; the one named `metrics` is the metrics store's alone. */
export function servedPorts(ports: readonly AppPort[]): { port: number }[] {
  return ports.filter(({ name }) => name !== "metrics").map(({ port }) => ({ port }));
}
