import { describe, expect, it } from "vitest";
import { gateway, gatewayApi, type KubernetesObject } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { traefik } from "./part.ts";

interface Door {
  type: string;
  ports: { name: string; port: number; targetPort: string; nodePort?: number }[];
}
const door = (objects: KubernetesObject[]) => theOne(objects, "Service").spec as Door;
const containerIn = (objects: KubernetesObject[]) => {
  const { template } = theOne(objects, "Deployment").spec as {
    template: {
      spec: { containers: { args: string[]; ports: { name: string; containerPort: number }[] }[] };
    };
  };
  return template.spec.containers[0];
};

describe("traefik", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(traefik));
    expectGolden(import.meta.dirname, "kubernetes", renderPart(traefik, { cluster: "kubernetes" }));
  });

  it("answers on the node's ports on local clusters, elsewhere behind a load balancer", () => {
    const nodePorts = { http: 31080, https: 31443 };
    const local = door(renderPart(traefik, { options: { nodePorts } }));
    expect([local.type, ...local.ports.map(({ nodePort }) => nodePort)]).toEqual(["NodePort", 31080, 31443]);
    const away = door(renderPart(traefik, { cluster: "kubernetes", options: { nodePorts } }));
    expect([away.type, ...away.ports.map(({ nodePort }) => nodePort)]).toEqual(["LoadBalancer", undefined]);
  });

  it("names listeners by the ports that its entry points have", () => {
    const objects = renderPart(traefik);
    const { listeners } = theOne(objects, "Gateway").spec as { listeners: { port: number }[] };
    const open = containerIn(objects)?.ports.map(({ containerPort }) => containerPort);
    for (const { port } of listeners) {
      expect(open).toContain(port);
      expect(containerIn(objects)?.args.join(" ")).toContain(`.address=:${port}`);
    }
    const targets = door(objects).ports.map(({ targetPort }) => targetPort);
    expect(containerIn(objects)?.ports.map(({ name }) => name)).toEqual(expect.arrayContaining(targets));
  });

  it("provides the Gateway it makes", () => {
    const { name, namespace } = theOne(renderPart(traefik), "Gateway").metadata;
    const value = provided(traefik, gateway);
    expect({ name: value.name, namespace: value.namespace }).toEqual({ name, namespace });
    const { listeners } = theOne(renderPart(traefik), "Gateway").spec as { listeners: { name: string }[] };
    expect(listeners.map((listener) => listener.name)).toContain(value.httpListener);
  });

  it("logs requests only when told, and serves the certificate it is told", () => {
    const options = { accessLog: true, tlsSecret: "acme-tls" };
    expect(containerIn(renderPart(traefik))?.args).not.toContain("--accesslog=true");
    expect(containerIn(renderPart(traefik, { options }))?.args).toContain("--accesslog=true");
    expect(JSON.stringify(theOne(renderPart(traefik, { options }), "Gateway"))).toContain(
      '"name":"acme-tls"',
    );
  });

  it("listens on HTTPS only where there is a certificate", () => {
    type Setting = Parameters<typeof renderPart<typeof traefik.definition.options>>[1];
    const listening = (setting: Setting) => {
      const objects = renderPart(traefik, setting);
      const { listeners } = theOne(objects, "Gateway").spec as { listeners: { name: string }[] };
      const names = listeners.map((listener) => listener.name);
      expect(door(objects).ports.map((port) => port.name)).toEqual(names);
      return names;
    };
    expect(listening({})).toEqual(["http", "https"]);
    expect(listening({ cluster: "kubernetes" })).toEqual(["http"]);
    expect(listening({ cluster: "kubernetes", options: { tlsSecret: "shop-tls" } })).toEqual([
      "http",
      "https",
    ]);
  });

  it("says the load balancer's address in the Gateway's status", () => {
    const flag = "--providers.kubernetesgateway.statusaddress.service";
    const away = renderPart(traefik, { cluster: "kubernetes" });
    const { name, namespace } = theOne(away, "Service").metadata;
    expect(containerIn(away)?.args).toEqual(
      expect.arrayContaining([`${flag}.name=${name}`, `${flag}.namespace=${namespace}`]),
    );
    expect(containerIn(renderPart(traefik))?.args.join()).not.toContain(flag);
  });

  it("cannot do without Gateway API", () => {
    expect(() => renderPart(traefik, { without: [gatewayApi] })).toThrow("gatewayApi");
  });
});
