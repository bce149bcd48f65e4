import { beforeAll, describe, expect, it } from "vitest";
import type { ClusterPlan } from "../../src/compile/plan.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { analysedReach, declaredReach, type PartsReach } from "./network.ts";
import { objectsOf, shopCluster } from "./shop.ts";
import { isThere, pythonTool } from "./tools.ts";

const analyser = await pythonTool("network-config-analyzer", "2.1.0", "nca.nca_cli:nca_main");

const parts: PartsReach = {
  gateway: "traefik/traefik",
  store: "prometheus/prometheus",
  dns: "kube-system/coredns",
  offers: {
    "kube-system/coredns": ["TCP/5353", "UDP/5353"],
    "kube-system/metrics-server": ["TCP/10250"],
    "alertmanager/alertmanager": ["TCP/9093"],
    "prometheus/prometheus": ["TCP/9090"],
    "traefik/traefik": ["TCP/8000", "TCP/8443"],
  },
  confined: {
    "kube-system/coredns": ["TCP/443", "TCP/6443"],
    "local-path/local-path": ["TCP/443", "TCP/6443"],
    "node-exporter/node-exporter": [],
  },
};

describe.skipIf(!isThere(analyser))(
  "the shop's network policies, by network-config-analyzer",
  { timeout: 60_000 },
  () => {
    let cluster: ClusterPlan;
    let objects: KubernetesObject[];
    beforeAll(async () => {
      cluster = await shopCluster();
      objects = objectsOf(cluster);
    });
    const isPolicy = ({ kind, metadata }: KubernetesObject, name: string) =>
      kind === "NetworkPolicy" && metadata.name === name;

    it("open what the declaration says and shut every other pair", async () => {
      const reach = declaredReach(cluster, parts);
      expect(reach).toMatchObject({
        "shop/storefront → shop/catalog": ["TCP/50051"],
        "shop/loadgen → shop/storefront": ["TCP/8080"],
        "shop/cart → shop/redis": ["TCP/6379"],
        "shop/loadgen → traefik/traefik": ["TCP/8000", "TCP/8443"],
        "traefik/traefik → shop/storefront": ["TCP/8080"],
        "prometheus/prometheus → shop/cart": ["TCP/9464"],
      });
      for (const shut of ["shop/loadgen → shop/redis", "traefik/traefik → shop/redis", "outside → shop/cart"])
        expect(reach).not.toHaveProperty([shut]);
      expect(await analysedReach(analyser, objects)).toEqual(reach);
    });

    it("are found wanting when one of them is missing", async () => {
      const reach = await analysedReach(
        analyser,
        objects.filter((object) => !isPolicy(object, "redis")),
      );
      expect(reach["traefik/traefik → shop/redis"]).toEqual(["all"]);
      expect(reach).not.toEqual(declaredReach(cluster, parts));
    });

    it("are found wanting when one opens too little", async () => {
      const mute = objects.map((object) =>
        isPolicy(object, "storefront")
          ? { ...object, spec: { ...(object.spec as object), egress: [] } }
          : object,
      );
      const reach = await analysedReach(analyser, mute);
      expect(reach).not.toHaveProperty(["shop/storefront → shop/catalog"]);
      expect(reach).not.toEqual(declaredReach(cluster, parts));
    });
  },
);
