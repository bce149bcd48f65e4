import { expect, test } from "vitest";
import { fullName, mirrorRepository, parseReference } from "./reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["redis", "docker.io/library/redis:latest"],
  ["redis:7", "docker.io/library/redis:7"],
  ["index.docker.io/redis:7", "docker.io/library/redis:7"],
  ["grafana/loki:3.1", "docker.io/grafana/loki:3.1"],
  ["ghcr.io/a/b:1", "ghcr.io/a/b:1"],
  ["localhost:5000/a", "localhost:5000/a:latest"],
  ["127.0.0.1:5000/a/b:v1", "127.0.0.1:5000/a/b:v1"],
  [`ghcr.io/a/b@${digest}`, `ghcr.io/a/b@${digest}`],
  [`ghcr.io/a/b:1@${digest}`, `ghcr.io/a/b:1@${digest}`],
])("%s is %s", (short, full) => {
  expect(fullName(short)).toBe(full);
  expect(fullName(full)).toBe(full);
});

test.each(["", "A/b", "a//b", "a:", "a:b:c", "a@sha256:12", "a b", "ghcr.io/a/b:1/c"])(
  "%j is refused",
  (ref) => {
    expect(() => parseReference(ref)).toThrow(/LF5004/);
  },
);

test("each upstream host is a folder of its own, which a registry accepts", () => {
  expect(mirrorRepository(parseReference("localhost:5000/a/b"))).toBe("localhost_5000/a/b");
  expect(mirrorRepository(parseReference("redis"))).toBe("docker.io/library/redis");
});
