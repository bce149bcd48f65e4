/** The API server's own judgement: its schemas, CEL rules and admission, by dry runs that store nothing. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ClusterClient, connect } from "../../src/cluster/client.ts";
import { hasApiServer, startApiServer, type TestApiServer } from "../../src/cluster/testing/api-server.ts";
import { identityOf } from "../../src/compile/identity.ts";
import { podTemplateOf } from "../../src/compile/policies/policy.ts";
import { sizeProblems } from "../../src/compile/size.ts";
import { compiled, yaml } from "../../src/compile/testing/declare.ts";
import type { KubernetesObject } from "../../src/schema/object.ts";
import { validateObject } from "../../src/schema/validate.ts";
import { LandfallError } from "../../src/util/errors.ts";
import { definitions, distinct, type Emitted, everything } from "./everything.ts";
import { objectsOf } from "./shop.ts";

/** The pods that controllers would make of workloads, a StatefulSet's with the claims that it would make for it. */
function podsOf(objects: KubernetesObject[]): KubernetesObject[] {
  return objects.flatMap((object) => {
    const template = podTemplateOf(object);
    if (!template) return [];
    const { name, namespace } = object.metadata;
    const { volumeClaimTemplates = [] } = object.spec as { volumeClaimTemplates?: KubernetesObject[] };
    const claims = volumeClaimTemplates.map(({ metadata }) => ({
      name: metadata.name,
      persistentVolumeClaim: { claimName: `${metadata.name}-${name}-0` },
    }));
    const spec = { ...template.spec, volumes: [...(template.spec.volumes ?? []), ...claims] };
    const metadata = { ...template.metadata, name: `${name}-0`, namespace } as KubernetesObject["metadata"];
    return { apiVersion: "v1", kind: "Pod", metadata, spec };
  });
}

describe.skipIf(!hasApiServer())("the API server", { timeout: 300_000 }, () => {
  let server: TestApiServer;
  let client: ClusterClient;
  let emitted: Emitted[];

  beforeAll(async () => {
    [server, emitted] = await Promise.all([startApiServer(), everything().then(distinct)]);
    client = connect({ kubeconfig: server.kubeconfig });
    await Promise.all(definitions().map((definition) => client.apply(definition)));
    await vi.waitFor(async () => expect(await unserved()).toEqual([]), { timeout: 60_000 });
  }, 120_000);
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  async function unserved(): Promise<string[]> {
    const all = await client.list({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
    });
    return all
      .filter(({ status }) => {
        const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
        return !conditions.some(({ type, status: is }) => type === "Established" && is === "True");
      })
      .map(({ metadata }) => metadata.name);
  }

  /** Namespaces are made, so that what goes into them can be judged; each set brings its own levels. */
  async function make(objects: KubernetesObject[]): Promise<void> {
    const declared = objects.filter(({ kind }) => kind === "Namespace");
    const names = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
    for (const { metadata } of declared) names.delete(metadata.name);
    const bare = [...names].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } }));
    await Promise.all([...declared, ...bare].map((object) => client.apply(object, { force: true })));
  }

  /** What the server says of objects that it refuses. */
  async function refusals(objects: KubernetesObject[]): Promise<string[]> {
    const said: string[] = [];
    for (const object of objects) {
      await client.dryRun(object, { force: true }).catch((error: unknown) => {
        const why = error instanceof LandfallError ? error.problems.map((p) => p.why).join() : String(error);
        said.push(`${identityOf(object)}: ${why}`);
      });
    }
    return said;
  }

  it("accepts everything that is emitted, and admits every pod of it", async () => {
    expect(emitted.length).toBeGreaterThan(15);
    let judged = 0;
    for (const { name, objects } of emitted) {
      await make(objects);
      // A golden is of the part alone: the namespace that admits its pods is made by the compiler.
      const pods = name.startsWith("parts/") ? [] : podsOf(objects);
      expect(await refusals([...objects, ...pods]), name).toEqual([]);
      judged += objects.length + pods.length;
    }
    expect(judged).toBeGreaterThan(300);
  });

  it("takes a ConfigMap of 1 MiB and no more, as the compiler says", async () => {
    const map = (bytes: number): KubernetesObject => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "large", namespace: "default" },
      data: { text: "x".repeat(bytes) },
    });
    const bundle = { name: "app-large", place: { file: "landfall.config.yaml" } };
    const most = 1024 * 1024;
    expect([await refusals([map(most)]), sizeProblems(map(most), bundle)]).toEqual([[], []]);
    const [said] = await refusals([map(most + 1)]);
    expect(said).toContain("Too long: may not be more than 1048576 bytes");
    expect(sizeProblems(map(most + 1), bundle)).toHaveLength(1);
  });

  it("refuses by a CEL rule what no JSON schema can", async () => {
    const route = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "both", namespace: "default" },
      spec: {
        rules: [
          {
            backendRefs: [{ name: "web", port: 80 }],
            filters: [{ type: "RequestRedirect", requestRedirect: { hostname: "example.com" } }],
          },
        ],
      },
    };
    expect(validateObject(route, { kubernetes: "1.36" })).toEqual([]);
    const [said] = await refusals([route]);
    expect(said).toContain("RequestRedirect filter must not be used together with backendRefs");
  });

  describe("admits pods by what their app waives", () => {
    const until = "2999-12-31";
    const apps = `  web: { image: nginx:1.27 }
  legacy:
    image: legacy:1.0
    namespace: old
    waive:
      - { rule: non-root, reason: the vendor's program starts as root, until: ${until} }
    adjust: { patch: [{ kind: Deployment, set: { spec: { template: { spec: { securityContext: { runAsNonRoot: false, runAsUser: 0 } } } } } }] }
  agent:
    image: agent:1.0
    namespace: agents
    waive:
      - { rule: host-namespaces, reason: it watches the node's processes, until: ${until} }
    adjust: { patch: [{ kind: Deployment, set: { spec: { template: { spec: { hostPID: true } } } } }] }
`;
    const podIn = (pods: KubernetesObject[], name: string, namespace: string) => {
      const pod = pods.find(({ metadata }) => metadata.name === `${name}-0`) as KubernetesObject;
      return { ...pod, metadata: { ...pod.metadata, namespace } };
    };
    let pods: KubernetesObject[];
    beforeAll(async () => {
      const { clusters } = await compiled({ "landfall.config.yaml": yaml(apps) });
      const objects = clusters.flatMap(objectsOf);
      await make(objects);
      pods = podsOf(objects);
    });

    it("where it is waived", async () => {
      const own = [podIn(pods, "web", "shop"), podIn(pods, "legacy", "old"), podIn(pods, "agent", "agents")];
      expect(await refusals(own)).toEqual([]);
    });

    it.each([
      ["legacy", "shop", "runAsNonRoot != true"],
      ["agent", "shop", "host namespaces"],
      ["agent", "old", "host namespaces"],
    ])("and refuses %s in %s", async (name, namespace, why) => {
      const [said] = await refusals([podIn(pods, name, namespace)]);
      expect(said).toContain("violates PodSecurity");
      expect(said).toContain(why);
    });
  });
});
