import { expect, it } from "vitest";
import { compiled } from "../../src/compile/testing/declare.ts";
import { analysedReach } from "./network.ts";
import { objectsOf } from "./shop.ts";
import { isThere, pythonTool } from "./tools.ts";

const analyser = await pythonTool("network-config-analyzer", "2.1.0", "nca.nca_cli:nca_main");

const declaration = `
landfall: 2
company: shop
domain: shop.localhost
clusters: { local: { type: local } }
parts: { flux: {}, gateway-api: {}, coredns: {}, traefik: {}, prometheus: {}, flagger: {}, load-tester: {} }
apps:
  web:
    image: nginx:1.27
    ports: { http: 8080, metrics: 9464 }
    expose: [{ host: shop.localhost }]
    release: { canary: { acceptance: "curl -sf {{ url }}" } }
  api:
    image: nginx:1.27
    namespace: trade
    ports: { http: 9000, metrics: 9464 }
    release: { blueGreen: { loadTest: "hey {{ url }}" } }
  asked:
    image: nginx:1.27
    ports: { http: 8080, metrics: 9464 }
    release: { blueGreen: { acceptance: { url: "http://elsewhere.test/" } } }
  plain: { image: "nginx:1.27", ports: { http: 8080 } }
`;

const tester = "load-tester/load-tester";

it.skipIf(!isThere(analyser))(
  "the load tester is told by Flagger alone, and reaches what it tests alone, by network-config-analyzer",
  async () => {
    const plan = await compiled({ "landfall.config.yaml": declaration });
    const reach = await analysedReach(analyser, plan.clusters.flatMap(objectsOf));
    const own = Object.entries(reach).filter(([pair]) => pair.includes(tester));
    expect(Object.fromEntries(own)).toEqual({
      [`flagger/flagger → ${tester}`]: ["TCP/8080"],
      [`prometheus/prometheus → ${tester}`]: ["TCP/8080"],
      [`${tester} → kube-system/coredns`]: ["TCP/5353", "UDP/5353"],
      [`${tester} → shop/web`]: ["TCP/8080"],
      [`${tester} → trade/api`]: ["TCP/9000"],
      [`${tester} → traefik/traefik`]: ["TCP/8000", "TCP/8443"],
    });
  },
  120_000,
);
