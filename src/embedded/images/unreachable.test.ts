import { createServer } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pullImage } from "./pull.ts";
import { type TestHome, testHome } from "./test-home.ts";
import { connectProblem, rememberedRefusal, rememberRefusal } from "./unreachable.ts";

let home: TestHome;
beforeEach(() => {
  home = testHome();
});
afterEach(() => home.remove());

test("a refusal is remembered for some minutes, per host", () => {
  rememberRefusal("a.test", "no way", 1_000);
  rememberRefusal("b.test", "no way either", 2_000);
  expect(rememberedRefusal("a.test", 60_000)).toBe("no way");
  expect(rememberedRefusal("c.test", 60_000)).toBeUndefined();
  expect(rememberedRefusal("a.test", 11 * 60_000)).toBeUndefined();
});

test("a closed port and a name that nobody knows are told apart from an open port", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  expect(await connectProblem("127.0.0.1", port)).toBeUndefined();
  await new Promise((resolve) => server.close(resolve));
  expect(await connectProblem("127.0.0.1", port)).toMatch(/ECONNREFUSED/);
  expect(await connectProblem("registry.invalid", 443)).toMatch(/ENOTFOUND|EAI_AGAIN|no connection/);
});

test("something that is no registry is not asked twice; an image it lacks does not count against a registry", async () => {
  let status = 200;
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    response.writeHead(request.url === "/v2/" ? status : 404).end("page");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const ref = `127.0.0.1:${typeof address === "object" ? address?.port : 0}/a/b:1`;
  try {
    expect(await pullImage(ref, {})).toMatchObject({ reason: expect.stringMatching(/404/) });
    expect(asked).toBe(2);
    status = 403;
    expect(await pullImage(ref, {})).toMatchObject({ reason: expect.stringMatching(/answered 403/) });
    expect(await pullImage(ref, {})).toMatchObject({ reason: expect.stringMatching(/answered 403/) });
    expect(asked).toBe(3);
  } finally {
    server.close();
  }
});
