/** Sleep that can be cut short. A wake that comes while nobody sleeps is kept for the next sleep. */
export interface Waker {
  wake(): void;
  sleep(ms: number): Promise<void>;
}

export function makeWaker(): Waker {
  let pending = false;
  let cut: (() => void) | undefined;
  return {
    wake: () => {
      pending = true;
      cut?.();
    },
    sleep: async (ms) => {
      if (!pending) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, ms);
          cut = () => {
            clearTimeout(timer);
            done();
          };
        });
      }
      cut = undefined;
      pending = false;
    },
  };
}
