import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  alertSink,
  blockStorage,
  gateway,
  metricsStore,
  type RuleGroup,
  ruleGroups,
} from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { type PartSetting, provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { samples } from "../../kit/testing/samples.ts";
import { prometheus } from "./part.ts";

type Setting = PartSetting<NonNullable<Parameters<typeof prometheus>[0]>>;
interface Spec {
  volumeClaimTemplates?: {
    spec: { storageClassName: string; resources: { requests: { storage: string } } };
  }[];
  template: {
    spec: {
      volumes: { name: string; projected?: { sources: { configMap: { name: string } }[] } }[];
      containers: { args: string[]; resources: object & { limits: { memory: string } } }[];
    };
  };
}
const maps = (setting: Setting = {}) =>
  renderPart(prometheus, setting).filter(({ kind }) => kind === "ConfigMap");
const files = (setting: Setting = {}) =>
  Object.assign({}, ...maps(setting).map(({ data }) => data)) as Record<string, string>;
const config = (setting: Setting = {}) => parse(files(setting)["prometheus.yml"] ?? "");
const specOf = (setting: Setting = {}) => theOne(renderPart(prometheus, setting), "StatefulSet").spec as Spec;
const argsOf = (setting: Setting) => specOf(setting).template.spec.containers.flatMap(({ args }) => args);

const group = (name: string): RuleGroup => ({ name, rules: [{ record: "a:b", expr: "vector(1)" }] });

describe("prometheus", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(prometheus));
    const without = [blockStorage, alertSink, gateway];
    expectGolden(import.meta.dirname, "alone", renderPart(prometheus, { without }));
  });

  it("keeps samples on a volume where there is a provisioner, else in the pod", () => {
    const { storageClass } = samples.get(blockStorage.id) as { storageClass: string };
    const claim = specOf({ options: { size: "20Gi" } }).volumeClaimTemplates?.[0]?.spec;
    expect(claim?.storageClassName).toBe(storageClass);
    expect(claim?.resources.requests.storage).toBe("20Gi");
    const alone = specOf({ without: [blockStorage] });
    expect(alone.volumeClaimTemplates).toBeUndefined();
    expect(alone.template.spec.volumes.map(({ name }) => name)).toContain("data");
    expect(specOf().template.spec.volumes.map(({ name }) => name)).not.toContain("data");
  });

  it.each([
    ["2Gi", "1638MB"],
    ["500Mi", "400MB"],
    ["1Ti", "838860MB"],
    ["1Mi", "1MB"],
  ])("drops samples before a volume of %s is full", (size, kept) => {
    expect(argsOf({ options: { size, retention: "2d" } })).toContain(`--storage.tsdb.retention.size=${kept}`);
  });

  it("posts alerts to the sink that the cluster has", () => {
    const { host, port } = samples.get(alertSink.id) as { host: string; port: number };
    expect(config().alerting.alertmanagers).toEqual([{ static_configs: [{ targets: [`${host}:${port}`] }] }]);
    expect(config({ without: [alertSink] })).not.toHaveProperty("alerting");
  });

  it("evaluates everybody's rules in one order, whoever came first", () => {
    const rules = (groups: RuleGroup[]) => files({ collected: [[ruleGroups, groups]] })["rules-0.yml"] ?? "";
    expect(parse(rules([group("b"), group("a")])).groups).toEqual([group("a"), group("b")]);
    expect(rules([group("b"), group("a")])).toBe(rules([group("a"), group("b")]));
  });

  it("restarts its pod when rules change", () => {
    const mounted = (setting: Setting) => {
      const [config] = specOf(setting).template.spec.volumes;
      const names = config?.projected?.sources.map(({ configMap }) => configMap.name);
      expect(names).toEqual(maps(setting).map(({ metadata }) => metadata.name));
      return names;
    };
    expect(mounted({ collected: [[ruleGroups, [group("a")]]] })).not.toEqual(mounted({}));
  });

  it("lets nobody stop or reload it over HTTP, since any pod may ask it", () => {
    expect(argsOf({}).join()).not.toContain("lifecycle");
  });

  it("checks kubelets' certificates unless told otherwise", () => {
    const tls = (setting: Setting) => config(setting).scrape_configs[1].tls_config;
    expect(tls({})).toEqual({ ca_file: "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" });
    expect(tls({ options: { kubeletTls: "skip" } })).toEqual({ insecure_skip_verify: true });
  });

  it("takes the memory and the storage class it is told", () => {
    const options = { memory: "4Gi", storageClass: "fast" };
    const { volumeClaimTemplates, template } = specOf({ options, without: [blockStorage] });
    expect(volumeClaimTemplates?.[0]?.spec.storageClassName).toBe("fast");
    expect(specOf({ options }).volumeClaimTemplates?.[0]?.spec.storageClassName).toBe("fast");
    expect(template.spec.containers[0]?.resources.limits.memory).toBe("4Gi");
    expect(specOf().template.spec.containers[0]?.resources.limits.memory).toBe("1Gi");
    const small = specOf({ options: { memory: "128Mi" } }).template.spec.containers[0]?.resources;
    expect(small).toMatchObject({ requests: { memory: "128Mi" }, limits: { memory: "128Mi" } });
  });

  it("has a headless Service of the name that its pod's host name needs", () => {
    const { serviceName } = theOne(renderPart(prometheus), "StatefulSet").spec as { serviceName: string };
    const { clusterIP } = theOne(renderPart(prometheus), "Service", serviceName).spec as {
      clusterIP: string;
    };
    expect(clusterIP).toBe("None");
  });

  it("scrapes as often as it is told, and finds pods by the kit's annotation alone", () => {
    const { global, scrape_configs } = config({ options: { interval: "30s" } });
    expect(global.scrape_interval).toBe("30s");
    const [keep] = scrape_configs[0].relabel_configs;
    expect(keep).toEqual({
      source_labels: ["__meta_kubernetes_pod_annotation_landfall_dev_metrics_port"],
      regex: "\\d+",
      action: "keep",
    });
  });

  it("provides the address of its own Service", () => {
    const { name, namespace } = theOne(renderPart(prometheus), "Service", "prometheus").metadata;
    expect(provided(prometheus, metricsStore).url).toBe(`http://${name}.${namespace}.svc.cluster.local:9090`);
  });
});
