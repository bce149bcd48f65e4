import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { alertSink, gateway } from "../../kit/index.ts";
import { expectGolden } from "../../kit/testing/golden.ts";
import { contextOf, provided, renderPart, theOne } from "../../kit/testing/render-part.ts";
import { alertmanager } from "./part.ts";

const configIn = (options: Parameters<typeof alertmanager>[0]) => {
  const { data } = theOne(renderPart(alertmanager, { options }), "ConfigMap") as {
    data?: Record<string, string>;
  };
  return parse(data?.["alertmanager.yml"] ?? "");
};

describe("alertmanager", () => {
  it("renders what it rendered", () => {
    expectGolden(import.meta.dirname, "default", renderPart(alertmanager));
  });

  it("posts alerts only where a webhook is named", () => {
    expect(configIn({}).receivers).toEqual([{ name: "default" }]);
    expect(configIn({ webhook: "https://hooks.example.com/a" }).receivers).toEqual([
      { name: "default", webhook_configs: [{ url: "https://hooks.example.com/a", send_resolved: true }] },
    ]);
  });

  it("restarts its pods when the config changes", () => {
    const mounted = (webhook: string) => {
      const objects = renderPart(alertmanager, { options: { webhook } });
      const { template } = theOne(objects, "Deployment").spec as {
        template: { spec: { volumes: { configMap?: { name: string } }[] } };
      };
      const config = theOne(objects, "ConfigMap").metadata.name;
      expect(template.spec.volumes[0]?.configMap?.name).toBe(config);
      return config;
    };
    expect(mounted("https://a.example.com")).not.toBe(mounted("https://b.example.com"));
  });

  it("never runs twice at once, which would post alerts twice", () => {
    const { strategy } = theOne(renderPart(alertmanager), "Deployment").spec as { strategy: object };
    expect(strategy).toEqual({ type: "Recreate" });
  });

  it("shows its page through the gateway on local clusters, elsewhere only when told", () => {
    const pages = (setting: Parameters<typeof renderPart<typeof alertmanager.definition.options>>[1]) => ({
      listed: alertmanager.definition.pages?.(contextOf(alertmanager, setting) as never).length,
      routes: renderPart(alertmanager, setting).filter(({ kind }) => kind === "HTTPRoute").length,
    });
    expect(pages({})).toEqual({ listed: 1, routes: 1 });
    expect(pages({ options: { page: false } })).toEqual({ listed: 0, routes: 0 });
    expect(pages({ cluster: "kubernetes" })).toEqual({ listed: 0, routes: 0 });
    expect(pages({ cluster: "kubernetes", options: { page: true } })).toEqual({ listed: 1, routes: 1 });
    expect(pages({ without: [gateway] })).toEqual({ listed: 0, routes: 0 });
  });

  it("provides the address of its own Service", () => {
    const sink = provided(alertmanager, alertSink);
    const { metadata, spec } = theOne(renderPart(alertmanager), "Service") as unknown as {
      metadata: { name: string; namespace: string };
      spec: { ports: { port: number }[] };
    };
    expect(sink.host).toBe(`${metadata.name}.${metadata.namespace}.svc.cluster.local`);
    expect(spec.ports.map(({ port }) => port)).toEqual([sink.port]);
  });
});
