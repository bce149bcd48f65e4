import { describe, expect, it } from "vitest";
import { LandfallError, type Problem } from "../util/errors.ts";
import { type DeclaredDns, dnsText, parseDns } from "./declared.ts";

const declared: DeclaredDns = {
  ...{ hub: "eu", namespace: "names", zones: ["example.com"], ttl: 30, owner: "acme-eu" },
  server: { host: "192.0.2.53", port: 53 },
  clusters: [
    { name: "eu", weight: 3, addresses: [], httpPort: 80 },
    { name: "us", weight: 0, addresses: ["192.0.2.2"], probe: "https://us.example.com/", httpPort: 8080 },
  ],
};

function problemOf(work: () => unknown): Problem | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return error instanceof LandfallError ? error.problems[0] : undefined;
  }
}

describe("what the fleet says of DNS", () => {
  it("is read as it was written, also with what a newer landfall adds", () => {
    expect(parseDns(dnsText(declared))).toEqual(declared);
    expect(parseDns(dnsText({ ...declared, later: true } as DeclaredDns))).toEqual(declared);
  });

  it.each([
    ["no JSON", "hub: eu", /JSON/],
    ["a list", "[]", /expected object/],
    ["no zone", dnsText({ ...declared, zones: [] }), /zones: /],
    ["a port that is none", dnsText({ ...declared, server: { host: "x", port: 0 } }), /server.port: /],
    [
      "a share below nothing",
      dnsText({ ...declared, clusters: [{ name: "eu", weight: -1, addresses: [], httpPort: 80 }] }),
      /clusters.0.weight: /,
    ],
  ])("is refused when it is %s", (_what, text, why) => {
    expect(problemOf(() => parseDns(text))).toMatchObject({
      code: "LF3002",
      what: "dns.json of the fleet repo cannot be read",
      why: expect.stringMatching(why),
    });
  });
});
