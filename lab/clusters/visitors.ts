import { request } from "node:http";

/** One request through a gateway, and what came of it. */
export interface Visit {
  host: string;
  /** The status, or why there was none. */
  result: number | string;
  /** The pod that answered. */
  pod: string | undefined;
}

export interface Visitors {
  /** All that are over. */
  visits: readonly Visit[];
  stop(): Promise<void>;
}

/** So many requests are under way at most; one that hangs is told by its time limit. */
const mostUnderWay = 100;

/** `rate` requests a second for each host to a gateway's port on loopback, each on a connection of its own. */
export function sendVisitors(port: number, hosts: readonly string[], rate: number): Visitors {
  const visits: Visit[] = [];
  const underWay = new Set<Promise<void>>();
  const ticking = setInterval(() => {
    for (const host of hosts) {
      if (underWay.size >= mostUnderWay) return;
      const work = visit(port, host).then((one) => {
        visits.push(one);
        underWay.delete(work);
      });
      underWay.add(work);
    }
  }, 1000 / rate);
  return {
    visits,
    stop: async () => {
      clearInterval(ticking);
      await Promise.all(underWay);
    },
  };
}

function visit(port: number, host: string): Promise<Visit> {
  return new Promise((done) => {
    const fail = (error: Error) => done({ host, result: error.message, pod: undefined });
    const options = { host: "127.0.0.1", port, headers: { host }, agent: false, timeout: 30_000 };
    const call = request(options, (answer) => {
      const pod = answer.headers["x-served-by"]?.toString();
      answer
        .on("error", fail)
        .on("end", () => done({ host, result: answer.statusCode ?? 0, pod }))
        .resume();
    });
    call.on("timeout", () => call.destroy(new Error("no answer within 30 s")));
    call.on("error", fail).end();
  });
}
