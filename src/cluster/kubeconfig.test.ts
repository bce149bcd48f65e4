import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connect } from "./client.ts";
import { readKubeconfig } from "./kubeconfig.ts";
import { freePorts } from "./testing/api-server.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "landfall-kubeconfig-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (text: string) => {
  const path = join(dir, "config");
  writeFileSync(path, text);
  return path;
};
const config = (server: string, user = "{ token: secret }", more = "") => `
apiVersion: v1
kind: Config
current-context: one
clusters: [{ name: c, cluster: { server: "${server}", certificate-authority: ca.pem${more} } }]
users: [{ name: u, user: ${user} }]
contexts: [{ name: one, context: { cluster: c, user: u } }, { name: broken, context: { cluster: gone, user: u } }]
`;

it("reads certificates beside the file, tokens, passwords, and sees when a plugin is needed", () => {
  writeFileSync(join(dir, "ca.pem"), "CA");
  const path = write(config("https://127.0.0.1:6443/"));
  expect(readKubeconfig(path)).toMatchObject({
    server: "https://127.0.0.1:6443",
    context: "one",
    authorization: "Bearer secret",
    tls: { ca: Buffer.from("CA") },
    plugin: false,
  });
  expect(readKubeconfig(write(config("https://x", "{ username: me, password: pw }"))).authorization).toBe(
    "Basic bWU6cHc=",
  );
  expect(readKubeconfig(write(config("https://x", "{ exec: { command: aws } }"))).plugin).toBe(true);
});

it("says which contexts there are, and what is wrong with the file", () => {
  const path = write(config("https://x"));
  for (const context of ["two", "broken"]) {
    expect(() => readKubeconfig(path, context)).toThrow(/LF6001.*no usable context/);
  }
  expect(() => readKubeconfig(write("[1,"))).toThrow(/LF6001.*not a kubeconfig/);
  expect(() => readKubeconfig(join(dir, "none"))).toThrow(/LF6001 cannot read/);
});

it("logs in by an exec plugin through client-node", async () => {
  const credential =
    '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t"}}';
  const script = join(dir, "login.sh");
  writeFileSync(script, `#!/bin/sh\necho '${credential}'\n`, { mode: 0o755 });
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => response.end(request.headers.authorization));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const { port } = server.address() as { port: number };
    const exec = `{ exec: { apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: "${script}" } }`;
    const client = connect({
      kubeconfig: write(config(`http://127.0.0.1:${port}`, exec, ", insecure-skip-tls-verify: true")),
    });
    expect((await client.raw("/version")).text).toBe("Bearer t");
    client.close();
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it("says which address does not answer and what to do", async () => {
  const [port] = await freePorts(1);
  const client = connect({ kubeconfig: write(config(`http://127.0.0.1:${port}`)) });
  await expect(client.raw("/readyz")).rejects.toMatchObject({
    problems: [
      {
        code: "LF6001",
        what: expect.stringContaining(`127.0.0.1:${port}`),
        fix: expect.stringContaining("landfall up"),
      },
    ],
  });
});

it("gives up on a server that accepts and never answers", async () => {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => void socket.on("error", () => {}));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    const { port } = server.address() as { port: number };
    const client = connect({ kubeconfig: write(config(`http://127.0.0.1:${port}`)), timeoutMs: 100 });
    await expect(client.raw("/readyz")).rejects.toMatchObject({
      problems: [{ code: "LF6001", why: "it did not answer in time" }],
    });
    client.close();
  } finally {
    server.close();
  }
});
