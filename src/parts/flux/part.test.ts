import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { renderPart, theOne } from "../../kit/testing/render-part.ts";
import { flux } from "./part.ts";

const gitUrl = "https://git.example.com/acme/fleet.git";
const namesOf = (objects: KubernetesObject[], kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

describe("flux", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(flux));
    expectGolden(import.meta.dirname, "git", renderPart(flux, { gitUrl }));
  });

  it("runs one controller without a Git host, and with one also what fetches and splits the fleet", () => {
    expect(namesOf(renderPart(flux), "Deployment")).toEqual(["kustomize-controller"]);
    expect(namesOf(renderPart(flux, { gitUrl }), "Deployment")).toEqual([
      "kustomize-controller",
      "source-controller",
      "source-watcher",
    ]);
  });

  it("brings the custom resources its controllers serve", () => {
    const kind = "CustomResourceDefinition";
    const generators = "artifactgenerators.source.extensions.fluxcd.io";
    expect(namesOf(renderPart(flux), kind)).toContain("kustomizations.kustomize.toolkit.fluxcd.io");
    expect(namesOf(renderPart(flux), kind)).toContain("externalartifacts.source.toolkit.fluxcd.io");
    expect(namesOf(renderPart(flux), kind)).not.toContain(generators);
    expect(namesOf(renderPart(flux, { gitUrl }), kind)).toContain(generators);
  });

  it("opens the artifact port to itself only where artifacts are served", () => {
    const ports = (objects: KubernetesObject[]) =>
      (theOne(objects, "NetworkPolicy").spec as { ingress: { ports: { port: number }[] }[] }).ingress
        .flatMap((edge) => edge.ports)
        .map(({ port }) => port);
    expect(ports(renderPart(flux))).toEqual([8080]);
    expect(ports(renderPart(flux, { gitUrl }))).toEqual([8080, 9090]);
  });

  it("makes only the controller an administrator that applies the fleet", () => {
    const objects = renderPart(flux, { gitUrl });
    const bound = objects.filter(({ kind }) => kind === "ClusterRoleBinding") as unknown as {
      roleRef: { name: string };
      subjects: { name: string }[];
    }[];
    expect(bound.map(({ roleRef, subjects }) => [subjects[0]?.name, roleRef.name])).toEqual([
      ["kustomize-controller", "cluster-admin"],
      ["source-controller", "landfall:source-controller"],
      ["source-watcher", "landfall:source-watcher"],
    ]);
    const { rules } = theOne(objects, "ClusterRole", "landfall:source-watcher") as unknown as {
      rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
    };
    const secrets = rules.filter(({ resources }) => resources.includes("secrets"));
    expect(secrets.map(({ verbs }) => verbs)).toEqual([["get", "list", "watch"]]);
    for (const { apiGroups, resources } of rules)
      if (resources.includes("*"))
        for (const group of apiGroups) expect(group).toMatch(/^source\..*fluxcd\.io$/);
  });

  it("starts its process on the host with the flags of its pod", () => {
    const { template } = theOne(renderPart(flux), "Deployment").spec as {
      template: { spec: { containers: { args: string[] }[] } };
    };
    const [process] = flux.definition.processes ?? [];
    const onHost = process?.args({ kubeconfig: "k", port: 1, dataDir: "d" }) ?? [];
    const shared = template.spec.containers[0]?.args.filter((arg) =>
      /^--(feature-gates|concurrent|requeue-dependency)=/.test(arg),
    );
    expect(shared).toHaveLength(3);
    expect(onHost).toEqual(expect.arrayContaining(shared ?? []));
    expect(shared?.join()).toContain("CancelHealthCheckOnNewRevision=true");
  });

  it("hands its options to the controller", () => {
    const { template } = theOne(
      renderPart(flux, { options: { concurrent: 20, dependencyInterval: "5s" } }),
      "Deployment",
    ).spec as { template: { spec: { containers: { args: string[] }[] } } };
    const args = template.spec.containers[0]?.args;
    expect(args).toContain("--concurrent=20");
    expect(args).toContain("--requeue-dependency=5s");
  });
});
