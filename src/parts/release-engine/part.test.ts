import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkBundle } from "../../compile/check.ts";
import { compiled } from "../../compile/testing/declare.ts";
import { type KubernetesObject, metricsStore } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { type PartSetting, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { releaseEngine } from "./part.ts";

/** The made-up cluster is called `here`. */
const hub = { hub: "here" };
const gitUrl = "https://git.example.com/acme/fleet.git";
const onHub = (options: object = {}, setting: PartSetting = {}) =>
  renderPart(releaseEngine, { cluster: "kubernetes", gitUrl, ...setting, options: { ...hub, ...options } });
const kinds = (objects: readonly KubernetesObject[]) => new Set(objects.map(({ kind }) => kind));

interface Pod {
  containers: { env: { name: string }[]; volumeMounts: { mountPath: string }[]; image: string }[];
  volumes: { name: string; secret?: { secretName: string } }[];
}
const podOf = (objects: readonly KubernetesObject[]) =>
  (theOne(objects, "Deployment").spec as { template: { spec: Pod } }).template.spec;
const filesOf = (objects: readonly KubernetesObject[]) =>
  theOne(objects, "ConfigMap").data as Record<string, string>;

describe("the release engine", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "observed", renderPart(releaseEngine));
    expectGolden(import.meta.dirname, "hub", onHub({ kubeconfig: "clusters", standby: true }));
  });

  it.each([
    ["a token", {}, {}],
    [
      "a deploy key and a standby",
      { standby: true, kubeconfig: "clusters" },
      { gitUrl: "ssh://git@git.example.com/f.git" },
    ],
    ["nothing to ask", {}, { without: [metricsStore] }],
  ])("keeps schemas and policies on a hub with %s", (_what, options, setting) => {
    const objects = onHub(options, setting);
    const bundle = {
      name: "part",
      kind: "part",
      owner: "part",
      place: { file: "landfall.config.ts" },
    } as const;
    const checks = { kubernetes: "1.36", domain: "acme.localhost", onWaived: () => undefined } as const;
    expect(checkBundle({ ...bundle, waivers: [] }, objects, { around: () => objects, ...checks })).toEqual(
      [],
    );
  });

  it("runs on the hub alone, and only where a Git host has the fleet", () => {
    expect(kinds(onHub())).toContain("Deployment");
    for (const objects of [onHub({ hub: "elsewhere" }), renderPart(releaseEngine, { options: hub })])
      expect(kinds(objects)).toEqual(
        new Set(["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "RoleBinding"]),
      );
  });

  it("may change nothing that it looks at but what it says of names, and read no Secret", () => {
    const roles = onHub({ kubeconfig: "clusters" }).filter(({ kind }) => /Role$/.test(kind));
    const rules = roles.flatMap(({ rules: own }) => own as { resources: string[]; verbs: string[] }[]);
    const writes = rules.filter(({ verbs }) => verbs.some((verb) => !["get", "list"].includes(verb)));
    expect(writes.map(({ resources }) => resources.join())).toEqual([
      "services/proxy",
      "dnsendpoints",
      "leases",
      "leases",
    ]);
    expect(rules.flatMap(({ resources }) => resources)).not.toContain("secrets");
  });

  it("has rights on names only where an engine on a hub keeps them", async () => {
    const declared = (dns: string, engine: string) => `landfall: 2
company: acme
clusters: { a: { type: kubernetes, context: a }, b: { type: kubernetes, context: b } }
fleet: { url: "${gitUrl}" }
parts: { flux: {}, gateway-api: {}${dns}, release-engine: {${engine}} }
`;
    const resources = async (dns: string, engine: string) => {
      const { clusters } = await compiled({ "landfall.config.yaml": declared(dns, engine) });
      return clusters.map(({ bundles }) => {
        const objects = bundles.find(({ name }) => name === "part-release-engine")?.objects ?? [];
        const rules = objects.flatMap((object) => (object.rules ?? []) as { resources: string[] }[]);
        return rules
          .flatMap((rule) => rule.resources)
          .filter((name) => /^(dnsendpoints|httproutes)$/.test(name));
      });
    };
    const shared = ", external-dns: { hub: a }";
    expect(await resources(shared, " hub: b ")).toEqual([["httproutes", "dnsendpoints"], ["httproutes"]]);
    expect(await resources(shared, "")).toEqual([[], []]);
    expect(await resources(", external-dns: {}", " hub: b ")).toEqual([[], []]);
    expect(await resources("", " hub: b ")).toEqual([[], []]);
  });

  it("mounts the Secrets that are named, and no other", () => {
    const secrets = (objects: readonly KubernetesObject[]) =>
      podOf(objects).volumes.flatMap(({ secret }) => secret?.secretName ?? []);
    expect(secrets(onHub())).toEqual(["fleet-push"]);
    expect(secrets(onHub({ credentials: "push", kubeconfig: "clusters" }))).toEqual(["push", "clusters"]);
  });

  it("logs in with a token or a deploy key, by the fleet's address", () => {
    const token = onHub();
    expect(Object.keys(filesOf(token))).toEqual(["hub.json", "own.kubeconfig", "askpass"]);
    expect(podOf(token).containers[0]?.env.map(({ name }) => name)).toContain("GIT_ASKPASS");
    const key = onHub({}, { gitUrl: "ssh://git@git.example.com/acme/fleet.git" });
    expect(filesOf(key)["ssh.conf"]).toContain("StrictHostKeyChecking yes");
    const mounts = podOf(key).containers[0]?.volumeMounts.map(({ mountPath }) => mountPath);
    expect(mounts).toContain("/etc/ssh/ssh_config.d/landfall.conf");
  });

  it("is made of its sources only for a cluster whose pods run it", async () => {
    const declared = (hub: string) => `landfall: 2
company: acme
clusters: { a: { type: kubernetes, context: a }, b: { type: kubernetes, context: b } }
fleet: { url: "${gitUrl}" }
parts: { flux: {}, release-engine: { hub: ${hub} } }
`;
    const { clusters } = await compiled({ "landfall.config.yaml": declared("b") });
    const engines = clusters.map(
      ({ images }) => images.filter(({ ref }) => ref.includes("release-engine")).length,
    );
    expect(engines).toEqual([0, 1]);
  });

  it("is named by landfall's own version", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
    expect(podOf(onHub()).containers[0]?.image).toMatch(new RegExp(`:${version}$`));
    expect(podOf(onHub({ image: "registry.example.com/e:1" })).containers[0]?.image).toBe(
      "registry.example.com/e:1",
    );
  });
});
