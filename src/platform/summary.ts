import type { ClusterPlan } from "../compile/plan.ts";
import type { ClusterState } from "../embedded/types.ts";
import { type LockFile, readLock } from "./lock-file.ts";
import { servedPages } from "./pages.ts";
import type { UpContext } from "./up.ts";

/** What runs where, as `up` ends: data for programs and text for people. */
export function summarize(cx: UpContext): { data: object; text: string } {
  const plan = cx.plan;
  if (!plan) return { data: {}, text: "" };
  const clusters = [...(cx.states ?? [])].flatMap(([name, state]) => {
    const cluster = plan.clusters.find((c) => c.name === name);
    return cluster ? [{ cluster, state }] : [];
  });
  const lock = readLock(plan.dir);
  const data = {
    company: plan.company,
    commit: cx.commit,
    clusters: clusters.map(({ cluster, state }) => ({
      name: cluster.name,
      mode: state.mode,
      kubeconfig: state.kubeconfig,
      pages: pagesOf(cluster, state, lock),
      apps: cluster.apps.map(({ name, namespace, image }) => ({ name, namespace, image })),
      parts: cluster.parts,
    })),
  };
  const text = clusters
    .map(({ cluster, state }) => {
      const pages = pagesOf(cluster, state, lock).map(({ title, url }) => `  ${title.padEnd(14)} ${url}\n`);
      return [
        `\n${plan.company} runs on ${cluster.name}${state.mode === "simulated" ? simulated : ""}\n\n`,
        ...(pages.length > 0 ? [...pages, "\n"] : []),
        `  apps   ${cluster.apps.map(({ name }) => name).join(", ")}\n`,
        `  parts  ${cluster.parts.join(", ")}\n`,
        `  kubectl --kubeconfig ${state.kubeconfig} get pods -A\n\n`,
      ].join("");
    })
    .join("");
  return { data, text };
}

const simulated =
  " with SIMULATED pods:\n  every object is applied for real, but nothing runs in the pods and no page answers";

/** No page is served where pods are simulated. */
function pagesOf(
  cluster: ClusterPlan,
  { mode }: ClusterState,
  lock: LockFile,
): { title: string; url: string }[] {
  if (mode === "simulated") return [];
  return servedPages(cluster, lock).map(({ title, host }) => ({ title, url: cluster.facts.urlOf(host) }));
}
