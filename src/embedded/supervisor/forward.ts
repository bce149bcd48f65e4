import { connect, createServer, type Server, type Socket } from "node:net";
import { messageOf } from "../../util/errors.ts";
import { pause } from "../machine/wait.ts";
import type { PortForward } from "../types.ts";

/** Join two connections: what one says the other hears, and the end of one is the end of both. */
function join(client: Socket, server: Socket): void {
  client.pipe(server);
  server.pipe(client);
  const end = () => {
    client.destroy();
    server.destroy();
  };
  client.on("error", end).on("close", end);
  server.on("error", end).on("close", end);
}

function listen(forward: PortForward, nodeIp: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      join(client, connect({ host: nodeIp, port: forward.node, allowHalfOpen: true, noDelay: true }));
    });
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: forward.host, exclusive: true }, () => {
      server.removeListener("error", reject);
      resolve(server);
    });
  });
}

/** Lead each port of the loopback to the node until the signal aborts. A port in use is tried again. */
export function forwardPorts(
  forwards: PortForward[],
  nodeIp: string,
  signal: AbortSignal,
  log: (line: string) => void,
): void {
  const keep = async (forward: PortForward) => {
    while (!signal.aborted) {
      try {
        const server = await listen(forward, nodeIp);
        server.on("error", (error) => log(`port ${forward.host}: ${error.message}`));
        if (signal.aborted) server.close();
        else signal.addEventListener("abort", () => server.close(), { once: true });
        return;
      } catch (error) {
        log(`port ${forward.host} for ${forward.name}: ${messageOf(error)}`);
        await pause(1000, signal);
      }
    }
  };
  for (const forward of forwards) void keep(forward);
}
