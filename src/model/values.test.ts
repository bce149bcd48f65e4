import { expect, it } from "vitest";
import { destination, portName } from "./values.ts";

it.each(["http", "a", "grpc-2", "8080-http", "abcdefghijklmno"])("%s names a port", (name) => {
  expect(portName.safeParse(name).success).toBe(true);
});

it.each(["", "abcdefghijklmnop", "8080", "a--b", "-a", "a-", "Http", "a_b", "http\n"])(
  "%j does not name a port",
  (name) => {
    expect(portName.safeParse(name).success).toBe(false);
  },
);

it.each([
  ["internet", true],
  ["203.0.113.0/24", true],
  ["2001:db8::/32", true],
  ["203.0.113.0", false],
  ["203.0.113.0/33", false],
  ["example.com", false],
])("%s is a destination: %s", (to, right) => {
  expect(destination.safeParse(to).success).toBe(right);
});
