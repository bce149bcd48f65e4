import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

/** An OTLP collector over HTTP that only remembers the bodies it got. */
export type Collector = {
  readonly endpoint: string;
  /** The resources' service names that sent spans of this trace (32 hex digits). */
  readonly servicesOf: (traceId: string, names: readonly string[]) => readonly string[];
  readonly stop: () => void;
};

/** Starts one on a free port of the loopback. */
export async function startCollector(): Promise<Collector> {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    bodies.push(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body);
    response.writeHead(200, { "content-type": request.headers["content-type"] }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    servicesOf: (traceId, names) => {
      // In protobuf an id is its 16 bytes, in JSON its hex text; one body is of one service.
      const ids = [Buffer.from(traceId, "hex"), Buffer.from(traceId)];
      const ours = bodies.filter((body) => ids.some((id) => body.includes(id)));
      return names.filter((name) => ours.some((body) => body.includes(name)));
    },
    stop: () => server.close().closeAllConnections(),
  };
}
