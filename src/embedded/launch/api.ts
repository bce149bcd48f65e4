import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import type { ClusterState } from "../types.ts";

/**
 * One request to the cluster's API server as administrator, straight at the node. Answers the status and
 * the parsed body; status 0 when the server does not answer. A client library would take longer to load
 * than these few requests take.
 */
export async function apiRequest(
  state: ClusterState,
  pki: string,
  method: "GET" | "POST",
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const read = (file: string) => readFileSync(join(pki, file));
  return await new Promise((resolve) => {
    const req = request(
      {
        host: state.nodeIp,
        port: state.nodePorts.api,
        method,
        path,
        ca: read("ca.crt"),
        cert: read("admin.crt"),
        key: read("admin.key"),
        headers: { "content-type": "application/json" },
        timeout: 5000,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          let parsed: unknown = text;
          try {
            parsed = JSON.parse(text);
          } catch {
            // Health paths answer plain text.
          }
          resolve({ status: response.statusCode ?? 0, body: parsed });
        });
      },
    );
    req.on("timeout", () => req.destroy());
    req.on("error", (error) => resolve({ status: 0, body: error.message }));
    req.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Whether the cluster's node is registered and Ready. */
export async function nodeIsReady(state: ClusterState, pki: string): Promise<boolean> {
  const answer = await apiRequest(state, pki, "GET", `/api/v1/nodes/${state.nodeName}`);
  const node = answer.body as { status?: { conditions?: { type: string; status: string }[] } };
  return node?.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false;
}

/** Register the node that kwok plays; that it is there already is no error. */
export async function registerSimulatedNode(state: ClusterState, pki: string): Promise<boolean> {
  const capacity = { cpu: "16", memory: "64Gi", pods: "1000", "ephemeral-storage": "500Gi" };
  const answer = await apiRequest(state, pki, "POST", "/api/v1/nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: state.nodeName,
      labels: {
        "kubernetes.io/hostname": state.nodeName,
        "kubernetes.io/os": "linux",
        "landfall.dev/simulated": "true",
      },
    },
    status: { capacity, allocatable: capacity },
  });
  return answer.status === 201 || answer.status === 409;
}
