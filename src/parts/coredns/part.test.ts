import { describe, expect, it } from "vitest";
import { clusterDns } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { coredns } from "./part.ts";

type Options = Parameters<typeof coredns>[0];
const corefile = (options: Options) => {
  const { data } = theOne(renderPart(coredns, { options }), "ConfigMap") as { data?: Record<string, string> };
  return data?.Corefile ?? "";
};
const specOf = <T>(kind: string, options: Options) =>
  theOne(renderPart(coredns, { options }), kind).spec as T;

describe("coredns", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(coredns));
    expectGolden(
      import.meta.dirname,
      "upstream",
      renderPart(coredns, { options: { upstream: ["192.0.2.53"] } }),
    );
  });

  it("forwards other names only to upstreams that are named, and may reach only those", () => {
    const upstream = ["192.0.2.53", "198.51.100.53"];
    expect(corefile({})).not.toContain("forward");
    expect(corefile({})).toContain("rcode NXDOMAIN");
    expect(corefile({ upstream })).not.toContain("NXDOMAIN");
    expect(corefile({ upstream })).toContain("forward . 192.0.2.53 198.51.100.53\n");
    const { egress } = specOf<{ egress: { to?: unknown }[] }>("NetworkPolicy", { upstream });
    expect(egress.flatMap(({ to }) => to ?? [])).toEqual(
      upstream.map((ip) => ({ ipBlock: { cidr: `${ip}/32` } })),
    );
  });

  it("denies other names in a block of their own, so that the cluster's are still answered", () => {
    const blocks = corefile({}).split(/^}$/m);
    const denying = blocks.filter((block) => block.includes("template"));
    expect(denying.map((block) => block.trim().split(" ")[0])).toEqual([".:5353"]);
    expect(denying.join()).not.toContain("kubernetes");
  });

  it("asks the node's resolver on clusters of others unless told, wherever that is", () => {
    const render = (options: Options) => renderPart(coredns, { cluster: "kubernetes", options });
    const told = (objects: ReturnType<typeof render>) => ({
      forwards: JSON.stringify(theOne(objects, "ConfigMap")).match(/forward [^\\]+/)?.[0],
      egress: (theOne(objects, "NetworkPolicy").spec as { egress: object[] }).egress.slice(1),
    });
    const ports = [
      { port: 53, protocol: "UDP" },
      { port: 53, protocol: "TCP" },
    ];
    expect(told(render({}))).toEqual({ forwards: "forward . /etc/resolv.conf", egress: [{ ports }] });
    expect(told(render({ upstream: [] }))).toEqual({ forwards: undefined, egress: [] });
  });

  it("gives its pods the very file they were made for", () => {
    const mounted = (options: Options) => {
      const objects = renderPart(coredns, { options });
      const { template } = theOne(objects, "Deployment").spec as {
        template: { spec: { volumes: { configMap: { name: string } }[] } };
      };
      expect(template.spec.volumes[0]?.configMap.name).toBe(theOne(objects, "ConfigMap").metadata.name);
      return template.spec.volumes[0]?.configMap.name;
    };
    expect(mounted({})).not.toBe(mounted({ upstream: ["192.0.2.53"] }));
  });

  it("gives the address that its Service has", () => {
    const options = { clusterIp: "10.43.0.10" };
    expect(specOf<{ clusterIP: string }>("Service", options).clusterIP).toBe("10.43.0.10");
    expect(provided(coredns, clusterDns, { options }).ip).toBe("10.43.0.10");
  });

  it("listens where its policy, its Service and its token say", () => {
    const { port, pods } = provided(coredns, clusterDns);
    expect(corefile({})).toMatch(new RegExp(`^\\.:${port} `, "m"));
    const { ports } = specOf<{ ports: { port: number; targetPort: number }[] }>("Service", {});
    expect(ports.map(({ port: from, targetPort }) => [from, targetPort])).toEqual([
      [53, port],
      [53, port],
    ]);
    const { podSelector, ingress } = specOf<{
      podSelector: { matchLabels: object };
      ingress: { ports: { port: number }[] }[];
    }>("NetworkPolicy", {});
    expect(podSelector.matchLabels).toEqual(pods.labels);
    expect(ingress[0]?.ports.map((p) => p.port)).toEqual([port, port]);
  });

  it("refuses an address that is none", () => {
    expect(() => renderPart(coredns, { options: { clusterIp: "ten" } })).toThrow();
  });
});
