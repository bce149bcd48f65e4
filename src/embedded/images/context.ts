/** What every builder takes: a way to stop it and a way to say what it does, one line at a time. */
export interface BuildContext {
  signal?: AbortSignal;
  onProgress?: (line: string) => void;
}
