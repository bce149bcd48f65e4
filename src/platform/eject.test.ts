import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { KubernetesObject } from "../schema/object.ts";
import { validateObject } from "../schema/validate.ts";
import { inFolder } from "../util/testing/in-folder.ts";
import { eject } from "./eject.ts";

const declaration = (root: string) => `landfall: 2
company: acme
clusters:
  eu: { type: kubernetes, context: eu, environment: prod }
  us: { type: kubernetes, context: us, environment: prod }
  home: { type: local, environment: dev }
environments: { dev: {}, prod: {} }
parts: { flux: {}, gateway-api: {}, traefik: {} }
${root}
apps:
  api: { image: "api:1", ports: { grpc: 50051 } }
  web: { image: "web:1", ports: { http: 8080 }, after: [api], expose: [{ host: web.localhost }] }
`;

interface Folder {
  added: string[];
  /** A file of the ejected folder. */
  read(path: string): string;
  objects(path: string): KubernetesObject[];
  paths: string[];
}

const ejected = <T>(root: string, url: string | undefined, use: (folder: Folder) => T): Promise<T> =>
  inFolder({ "landfall.config.yaml": declaration(root) }, async (dir) => {
    const out = join(dir, "out");
    const { added } = await eject(dir, { out, ...(url && { url }) });
    const read = (path: string) => readFileSync(join(out, path), "utf8");
    const objects = (path: string) =>
      parseAllDocuments(read(path)).map((document) => document.toJS() as KubernetesObject);
    const paths = readdirSync(out, { recursive: true, encoding: "utf8" });
    return use({ added, read, objects, paths });
  });

test("every path of the order is there, definitions before what they define, apps after those they wait for", () =>
  ejected("", undefined, ({ read, paths }) => {
    const order = read("clusters/eu/order.txt").trim().split("\n");
    expect(order.filter((path) => !paths.includes(path))).toEqual([]);
    const place = (start: string) => order.findIndex((path) => path.startsWith(start));
    expect(place("parts/gateway-api")).toBeLessThan(place("parts/traefik"));
    expect(place("parts/gateway-api")).toBeLessThan(place("apps/web"));
    expect(place("apps/api")).toBeLessThan(place("apps/web"));
    expect(new Set(order).size).toBe(order.length);
  }));

test("what landfall published comes from the Git host: the same artifacts, and all that the root has", () =>
  ejected("", "https://git.example.org/fleet.git", ({ read, objects, paths }) => {
    const [repository, generator, root] = objects("git/eu/fleet.yaml") as [
      KubernetesObject,
      KubernetesObject & { spec: { artifacts: { name: string }[] } },
      KubernetesObject,
    ];
    expect(repository.spec).toMatchObject({
      url: "https://git.example.org/fleet.git",
      ref: { branch: "main" },
    });
    const { artifacts } = JSON.parse(read("clusters/eu/artifacts.json")) as { artifacts: { name: string }[] };
    expect(generator.spec.artifacts.map(({ name }) => name)).toEqual(
      artifacts.map(({ name }) => name).filter((name) => name !== "cluster"),
    );
    expect(root.spec).toMatchObject({ path: "./git/eu", sourceRef: { kind: "GitRepository" } });
    const { resources } = parse(read("git/eu/kustomization.yaml")) as { resources: string[] };
    expect(resources.filter((path) => !paths.includes(join("git/eu", path)))).toEqual([]);
    const applied = resources.flatMap((path) => objects(join("git/eu", path)));
    const kustomizations = applied.filter(({ kind }) => kind === "Kustomization");
    expect(kustomizations.map(({ metadata }) => metadata.name).sort()).toEqual(
      artifacts.map(({ name }) => name).sort(),
    );
  }));

test("Flux's other controllers are valid, and no object is owned by two", () =>
  ejected("", undefined, ({ objects, paths }) => {
    const controllers = objects("git/home/controllers.yaml");
    const identity = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;
    const own = controllers.map(identity);
    expect(own).toEqual(
      expect.arrayContaining([
        "Deployment source-controller",
        "Deployment source-watcher",
        "NetworkPolicy flux-sources",
      ]),
    );
    for (const object of controllers)
      expect(validateObject(object, { kubernetes: "1.36" }), identity(object)).toEqual([]);
    const flux = paths.filter((path) => path.startsWith("parts/flux/") && path.endsWith(".yaml"));
    const others = flux.flatMap(objects).map(identity);
    expect(others.length).toBeGreaterThan(5);
    expect(own.filter((name) => others.includes(name))).toEqual([]);
  }));

test("clusters that read the Git host already get nothing but the list and the README", () =>
  ejected(
    'fleet: { url: "ssh://git@git.example.org/fleet.git", secret: key }',
    undefined,
    ({ added, read }) => {
      expect(added.filter((path) => /\/(eu|us)\//.test(path))).toEqual([
        "clusters/eu/order.txt",
        "clusters/us/order.txt",
      ]);
      const readme = read("README.md");
      expect(readme).toContain("ssh://git@git.example.org/fleet.git");
      expect(readme).toContain("create secret generic key --from-file=identity=PRIVATE_KEY");
      expect(readme).toContain("kubectl apply --server-side -f clusters/eu/bootstrap/cluster.yaml");
      expect(readme).toContain("kubectl apply --server-side -f git/home/fleet.yaml");
      expect(readme).not.toContain("git/eu");
    },
  ));

test("without an address the README says which one to replace", () =>
  ejected("", undefined, ({ read }) => {
    expect(read("README.md")).toMatch(/git\.example\.com\/acme\/fleet\.git.*replace this one/s);
  }));
