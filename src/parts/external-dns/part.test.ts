import { describe, expect, it } from "vitest";
import { dnsZone, type KubernetesObject } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { externalDns } from "./part.ts";

type Options = Parameters<typeof externalDns>[0];
const render = (options: Options = {}) => renderPart(externalDns, { options });
const containerIn = (objects: KubernetesObject[], name = "external-dns") => {
  const { template } = theOne(objects, "Deployment", name).spec as {
    template: { spec: { containers: { args: string[]; env: { name: string; valueFrom: object }[] }[] } };
  };
  const [container] = template.spec.containers;
  if (!container) throw new Error("no container");
  return container;
};
const pdns = { hub: "here", provider: "pdns", weights: "weights.example.com" } as const;

describe("external-dns", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", render());
    expectGolden(
      import.meta.dirname,
      "hub",
      render({ ...pdns, zones: ["example.com"], server: "192.0.2.53" }),
    );
  });

  it("writes the routes of its own cluster, on a hub what is computed there, elsewhere nothing", () => {
    const sources = (options: Options) =>
      containerIn(render(options)).args.filter((arg) => arg.startsWith("--source"));
    expect(sources({})).toEqual(["--source=gateway-httproute", "--source=gateway-grpcroute"]);
    expect(sources({ hub: "here" })).toEqual(["--source=crd"]);
    expect(render({ hub: "elsewhere" })).toEqual([]);
  });

  it("may read routes, or on a hub the endpoints of its own namespace alone", () => {
    const kinds = (options: Options) =>
      render(options)
        .map(({ kind }) => kind)
        .filter((kind) => kind.includes("Role"));
    expect(kinds({})).toEqual(["ClusterRole", "ClusterRoleBinding"]);
    expect(kinds({ hub: "here" })).toEqual(["Role", "RoleBinding"]);
    const verbs = render()
      .filter(({ kind }) => kind === "ClusterRole")
      .flatMap((role) => (role.rules as { verbs: string[] }[]).flatMap((rule) => rule.verbs));
    expect(new Set(verbs)).toEqual(new Set(["get", "list", "watch"]));
  });

  it("signs what it writes with an owner of its own, and keeps to its zones", () => {
    const { args } = containerIn(render({ zones: ["example.com", "example.org"] }));
    expect(args).toEqual(
      expect.arrayContaining([
        "--registry=txt",
        "--txt-owner-id=acme-here",
        "--domain-filter=example.com",
        "--domain-filter=example.org",
        "--rfc2136-zone=example.org",
      ]),
    );
  });

  it("keeps Lua records apart, in the zone that is theirs", () => {
    const objects = render(pdns);
    expect(containerIn(objects, "external-dns-weights").args).toEqual(
      expect.arrayContaining([
        "--registry=noop",
        "--domain-filter=weights.example.com",
        "--managed-record-types=LUA",
        "--label-filter=landfall.dev/records=weights",
      ]),
    );
    expect(containerIn(objects).args).toEqual(
      expect.arrayContaining([
        "--exclude-domains=weights.example.com",
        "--label-filter=landfall.dev/records=names",
      ]),
    );
    expect(containerIn(objects).args.join()).not.toContain("LUA");
  });

  it("refuses weights where nothing knows them, or nobody shares", () => {
    for (const options of [{ weights: "w.example.com" }, { ...pdns, provider: "rfc2136" as const }])
      expect(() => render(options)).toThrow("needs `hub` and the provider `pdns`");
  });

  it("has its credential from a Secret, never among its arguments", () => {
    for (const [options, variable] of [
      [{}, "EXTERNAL_DNS_RFC2136_TSIG_SECRET"],
      [pdns, "EXTERNAL_DNS_PDNS_API_KEY"],
    ] as const) {
      const { env, args } = containerIn(render({ ...options, secret: "dns-credentials" }));
      expect(env).toEqual([
        { name: variable, valueFrom: { secretKeyRef: { name: "dns-credentials", key: "value" } } },
      ]);
      expect(args.join()).not.toMatch(/api-key|tsig-secret=/);
    }
  });

  it("may reach the server's address, or its port anywhere where it has a name", () => {
    const edges = (options: Options) =>
      (theOne(render(options), "NetworkPolicy").spec as { egress: object[] }).egress.at(-1);
    const udp = { port: 53, protocol: "UDP" };
    const tcp = { port: 53, protocol: "TCP" };
    expect(edges({ server: "192.0.2.53" })).toEqual({
      to: [{ ipBlock: { cidr: "192.0.2.53/32" } }],
      ports: [tcp, udp],
    });
    expect(edges({})).toEqual({ ports: [tcp, udp] });
    expect(edges({ ...pdns, server: "2001:db8::53" })).toEqual({
      to: [{ ipBlock: { cidr: "2001:db8::53/128" } }],
      ports: [{ port: 8081, protocol: "TCP" }],
    });
    expect(containerIn(render({ ...pdns, server: "2001:db8::53" })).args).toContain(
      "--pdns-server=http://[2001:db8::53]:8081",
    );
  });

  it("tells its zones: the company's domain unless others are named", () => {
    expect(provided(externalDns, dnsZone)).toEqual({
      zones: ["acme.localhost"],
      hub: undefined,
      namespace: "external-dns",
      ttl: 60,
      weightsZone: undefined,
      owner: "acme-here",
      server: { host: "ns1.acme.localhost", port: 53 },
    });
    expect(
      provided(externalDns, dnsZone, { options: { ...pdns, zones: ["example.com"], ttl: "5s" } }),
    ).toMatchObject({
      zones: ["example.com"],
      hub: "here",
      ttl: 5,
      weightsZone: "weights.example.com",
      server: { host: "ns1.example.com", port: 53 },
    });
  });
});
