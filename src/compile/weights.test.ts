import { expect, test } from "vitest";
import { compiled, problemsIn, yaml } from "./testing/declare.ts";

const root = `parts: { flux: {}, gateway-api: {}, traefik: {} }
clusters: { eu: { type: kubernetes, context: eu, labels: { region: eu } }, us: { type: kubernetes, context: us } }`;
const web = (rest: string) =>
  `  web: { image: "web:1", ports: { http: 8080, grpc: 50051 }, expose: [{ host: a.localhost }], ${rest} }\n`;
const v2 = '  web-v2: { image: "web:2", ports: { admin: 1, http: 8081 } }\n';
const files = (apps: string) => ({ "landfall.config.yaml": yaml(apps, root) });

async function objectOf(apps: string, kind: string, name: string, cluster = "eu") {
  const plan = await compiled(files(apps));
  const bundles = plan.clusters.find((one) => one.name === cluster)?.bundles ?? [];
  return bundles
    .flatMap(({ objects }) => objects)
    .find((object) => object.kind === kind && object.metadata.name === name)?.spec;
}

test("a route shares its traffic as the weights say, on the clusters where they say so", async () => {
  const apps = web(
    "weights: { web-v2: 25 }, overrides: [{ where: { region: eu }, set: { weights: { web-v2: 100 } } }]",
  );
  const backends = (own: number, other: number) => ({
    rules: [
      {
        backendRefs: [
          { name: "web", port: 8080, weight: own },
          { name: "web-v2", port: 8081, weight: other },
        ],
      },
    ],
  });
  expect(await objectOf(apps + v2, "HTTPRoute", "web", "us")).toMatchObject(backends(75, 25));
  expect(await objectOf(apps + v2, "HTTPRoute", "web", "eu")).toMatchObject(backends(0, 100));
});

test("without weights an app answers alone, and says no weight", async () => {
  expect(await objectOf(web("labels: {}") + v2, "HTTPRoute", "web")).toMatchObject({
    rules: [{ backendRefs: [{ name: "web", port: 8080 }] }],
  });
});

test("who answers a share lets the gateway in, at the ports that routes may lead to", async () => {
  const gateway = [{ podSelector: { matchLabels: { "landfall.dev/part": "traefik" } } }];
  expect(await objectOf(web("weights: { web-v2: 25 }") + v2, "NetworkPolicy", "web-v2")).toMatchObject({
    ingress: [{ from: gateway, ports: [{ port: 8081 }] }],
  });
  expect(await objectOf(web("labels: {}") + v2, "NetworkPolicy", "web-v2")).toMatchObject({ ingress: [] });
});

test("an app without a route has no traffic to share", async () => {
  const apps = `  web: { image: "web:1", ports: { http: 8080 }, weights: { web-v2: 25 } }\n${v2}`;
  expect(await problemsIn(files(apps))).toMatchObject([
    {
      code: "LF1016",
      what: "web gives shares of its traffic to other apps and is not exposed",
      fix: expect.stringContaining("add `expose`"),
      where: { path: "apps.web.weights" },
    },
  ]);
});

test.each([
  ["elsewhere", '  web-v2: { image: "web:2", ports: { http: 1 }, on: { clusters: [us] } }\n', "LF1013", /eu/],
  [
    "in another namespace",
    '  web-v2: { image: "web:2", ports: { http: 1 }, namespace: x }\n',
    "LF1016",
    /namespace/,
  ],
  ["without such a port", '  web-v2: { image: "web:2", ports: { grpc: 1 } }\n', "LF1011", /no port for http/],
])("an app %s answers no share", async (_, other, code, what) => {
  const problems = await problemsIn(files(web("weights: { web-v2: 25 }") + other));
  expect(problems).toMatchObject([{ code, what: expect.stringMatching(what) }]);
});
