import { z } from "zod";
import {
  blockStorage,
  clusterDns,
  delivery,
  gateway,
  metricsStore,
  resourceMetrics,
} from "../../kit/index.ts";
import { type AnyPart, definePart, provide } from "../../kit/part.ts";

const made = (id: string, provides: ReturnType<typeof provide>[]): [string, AnyPart] => {
  const options = z.object({});
  const base = { id, title: id, category: "network", docs: "https://example.com", options } as const;
  return [id, definePart({ ...base, provides: provides as never, render: () => [] }).definition];
};

/** A part of each kind that apps can ask for, that itself renders nothing. */
export const smallRegistry: Record<string, AnyPart> = Object.fromEntries([
  made("flux", [provide(delivery, () => ({ namespace: "flux-system" }))]),
  made("edge", [
    provide(gateway, () => ({
      name: "edge",
      namespace: "edge",
      httpListener: "http",
      url: "http://edge.edge",
      pods: { namespace: "edge", labels: { part: "edge" } },
    })),
  ]),
  made("disk", [provide(blockStorage, () => ({ storageClass: "disk" }))]),
  made("meter", [provide(resourceMetrics, () => ({ apiService: "v1" }))]),
  made("store", [
    provide(metricsStore, () => ({
      url: "http://store",
      pods: { namespace: "store", labels: { part: "store" } },
      scrapeMs: 15_000,
    })),
  ]),
  made("dns", [
    provide(clusterDns, () => ({
      ip: "10.0.0.10",
      port: 5353,
      pods: { namespace: "dns", labels: { part: "dns" } },
    })),
  ]),
]);

/** All of them, as a declaration in YAML lists them. */
export const allSmallParts = "parts: { flux: {}, edge: {}, disk: {}, meter: {}, store: {}, dns: {} }";
