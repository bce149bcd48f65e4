import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { blockStorage } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { localPath } from "./part.ts";

const filesIn = (options: Parameters<typeof localPath>[0]) =>
  (theOne(renderPart(localPath, { options }), "ConfigMap") as unknown as { data: Record<string, string> })
    .data;

describe("local-path", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(localPath));
  });

  it("keeps volumes in the folder it is told", () => {
    const { nodePathMap } = JSON.parse(filesIn({ path: "/srv/volumes" })["config.json"] ?? "");
    expect(nodePathMap).toEqual([{ node: "DEFAULT_PATH_FOR_NON_LISTED_NODES", paths: ["/srv/volumes"] }]);
    expect(() => filesIn({ path: "srv" })).toThrow();
  });

  it("provides the class it makes, the default on local clusters unless told", () => {
    const classIn = (options: Parameters<typeof localPath>[0], cluster: "local" | "kubernetes" = "local") =>
      theOne(renderPart(localPath, { options, cluster }), "StorageClass");
    const isDefault = "storageclass.kubernetes.io/is-default-class";
    expect(classIn({}).metadata.name).toBe(provided(localPath, blockStorage).storageClass);
    expect(classIn({}).metadata.annotations?.[isDefault]).toBe("true");
    expect(classIn({ default: false }).metadata.annotations?.[isDefault]).toBe("false");
    expect(classIn({}, "kubernetes").metadata.annotations?.[isDefault]).toBe("false");
    expect(classIn({ default: true }, "kubernetes").metadata.annotations?.[isDefault]).toBe("true");
  });

  it("makes pods and reads ConfigMaps in its own namespace only", () => {
    const objects = renderPart(localPath) as unknown as { kind: string; rules?: { resources: string[] }[] }[];
    const resourcesOf = (kind: string) =>
      objects
        .filter((object) => object.kind === kind)
        .flatMap(({ rules }) => rules?.flatMap((r) => r.resources));
    expect(resourcesOf("Role")).toEqual(["pods", "pods/log", "configmaps"]);
    for (const resource of resourcesOf("Role")) expect(resourcesOf("ClusterRole")).not.toContain(resource);
  });

  it("runs its helper with an image it names, so that it can be made where it cannot be pulled", () => {
    const helper = parse(filesIn({})["helperPod.yaml"] ?? "");
    const images = Object.values(localPath.definition.images ?? {}).map(({ ref }) => ref);
    expect(images).toContain(helper.spec.containers[0].image);
  });

  it("removes nothing but the volume's own folder", () => {
    expect(filesIn({}).teardown).toContain('rm -rf "$VOL_DIR"');
    expect(filesIn({}).teardown).toContain("set -eu");
  });
});
