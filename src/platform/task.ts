/** Long commands are a flat list of tasks; whoever shows them (a task tree, NDJSON, plain lines) listens. */
export interface Task<C> {
  id: string;
  title: string;
  /** Do it; what it returns is its one-line result. `say` tells how far it is. */
  run: (cx: C, say: (line: string) => void) => Promise<string>;
}

export interface TaskEvent {
  type: "task";
  task: string;
  title: string;
  state: "start" | "progress" | "done" | "failed";
  text: string;
  /** Milliseconds since the task started. */
  ms: number;
  /** How long the task took the last time on this machine, in milliseconds. */
  expectedMs?: number;
}

/** Run tasks in order. The first that fails ends the run; its error is thrown after the event. */
export async function runTasks<C>(
  tasks: Task<C>[],
  cx: C,
  options: { onEvent: (event: TaskEvent) => void; signal?: AbortSignal; durations?: Durations },
): Promise<void> {
  for (const { id, title, run } of tasks) {
    options.signal?.throwIfAborted();
    const start = performance.now();
    const expectedMs = options.durations?.of(id);
    const emit = (state: TaskEvent["state"], text: string) =>
      options.onEvent({
        type: "task",
        task: id,
        title,
        state,
        text,
        ms: Math.round(performance.now() - start),
        ...(expectedMs !== undefined && { expectedMs }),
      });
    emit("start", "");
    try {
      emit("done", await run(cx, (line) => emit("progress", line)));
      options.durations?.note(id, performance.now() - start);
    } catch (error) {
      emit("failed", error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
      throw error;
    }
  }
}

/** How long each task took the last time, to tell how long it will take now. */
export interface Durations {
  of(task: string): number | undefined;
  note(task: string, ms: number): void;
}
