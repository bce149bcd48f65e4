import type { ClusterPlan } from "../compile/plan.ts";
import type { UpContext } from "./up.ts";

/** What runs where, as `up` ends: data for programs and text for people. */
export function summarize(cx: UpContext): { data: object; text: string } {
  const plan = cx.plan;
  if (!plan) return { data: {}, text: "" };
  const clusters = [...(cx.states ?? [])].flatMap(([name, state]) => {
    const cluster = plan.clusters.find((c) => c.name === name);
    return cluster ? [{ cluster, state }] : [];
  });
  const data = {
    company: plan.company,
    commit: cx.commit,
    clusters: clusters.map(({ cluster, state }) => ({
      name: cluster.name,
      mode: state.mode,
      kubeconfig: state.kubeconfig,
      pages: pagesOf(cluster),
      apps: cluster.apps.map(({ name, namespace, image }) => ({ name, namespace, image })),
      parts: cluster.parts,
    })),
  };
  const text = clusters
    .map(({ cluster, state }) => {
      const pages = pagesOf(cluster).map(({ title, url }) => `  ${title.padEnd(14)} ${url}\n`);
      return [
        `\n${plan.company} runs on ${cluster.name}${state.mode === "simulated" ? " (pods are SIMULATED)" : ""}\n\n`,
        ...pages,
        `\n  apps   ${cluster.apps.map(({ name }) => name).join(", ")}\n`,
        `  parts  ${cluster.parts.join(", ")}\n`,
        `  kubectl --kubeconfig ${state.kubeconfig} get pods -A\n\n`,
      ].join("");
    })
    .join("");
  return { data, text };
}

function pagesOf(cluster: ClusterPlan): { title: string; url: string }[] {
  return cluster.pages.map(({ title, host }) => ({ title, url: cluster.facts.urlOf(host) }));
}
