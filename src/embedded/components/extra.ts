import type { ExtraProcess } from "../types.ts";
import type { Component, ComponentContext } from "./component.ts";

/** A process that the caller wants beside the cluster's own, its placeholders filled in. */
export function extraProcess(cx: ComponentContext, extra: ExtraProcess): Component {
  const values: Record<string, string> = {
    kubeconfig: cx.layout.directKubeconfig,
    nodeIp: cx.state.nodeIp,
    hostIp: cx.state.hostIp,
  };
  const fill = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
  const env = Object.entries(extra.env ?? {}).map(([name, value]) => [name, fill(value)]);
  return {
    process: {
      name: extra.name,
      command: fill(extra.command),
      args: extra.args.map(fill),
      env: Object.fromEntries(env),
      netns: extra.netns ?? false,
      dependsOn: ["kube-apiserver"],
      health: extra.healthUrl ? { kind: "http", url: fill(extra.healthUrl) } : { kind: "alive" },
      startTimeoutMs: 120_000,
    },
    files: [],
  };
}
