import type { LiveObject } from "../../cluster/types.ts";
import { templateAnnotation } from "../../kit/labels.ts";
import type { Said } from "./observe-text.ts";

/** So many starts in vain, and waiting longer will not help. */
const hopelessRestarts = 3;

interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  state?: { waiting?: { reason?: string; message?: string } };
  lastState?: { terminated?: { reason?: string; exitCode?: number; finishedAt?: string } };
}

interface PodStatus {
  containerStatuses?: ContainerStatus[];
  initContainerStatuses?: ContainerStatus[];
}

/** A pod that will not come up, and why. */
export interface HopelessPod {
  name: string;
  namespace: string;
  container: string;
  why: string;
}

/** The pods of a template; none where it has no name, since nothing tells them from others then. */
export function podsOfTemplate(pods: readonly LiveObject[], template: string | undefined): LiveObject[] {
  if (template === undefined) return [];
  return pods.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined && metadata.annotations?.[templateAnnotation] === template,
  );
}

/** The first pod that keeps crashing, or whose image is not there. */
export function hopelessPod(pods: readonly LiveObject[]): HopelessPod | undefined {
  for (const { metadata, status } of pods) {
    for (const container of containersOf(status as PodStatus | undefined)) {
      const why = whyHopeless(container);
      if (why)
        return { name: metadata.name, namespace: metadata.namespace ?? "", container: container.name, why };
    }
  }
  return undefined;
}

function containersOf(status: PodStatus | undefined): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function whyHopeless({ ready, restartCount, state, lastState }: ContainerStatus): string | undefined {
  const { reason = "", message = "" } = state?.waiting ?? {};
  if (ready || reason === "") return undefined;
  if (reason === "CrashLoopBackOff" && restartCount >= hopelessRestarts) {
    return `crashes again and again (${restartCount} restarts, last ${ending(lastState)})`;
  }
  // A registry that is away for a moment comes back; an image that is not there does not.
  const absent = /not found|manifest unknown|does not exist/i.test(message);
  return /^(ErrImagePull|ImagePullBackOff)$/.test(reason) && absent ? `${reason}: ${message}` : undefined;
}

function ending(lastState: ContainerStatus["lastState"]): string {
  const { reason = "Error", exitCode } = lastState?.terminated ?? {};
  return exitCode === undefined ? reason : `${reason}, exit code ${exitCode}`;
}

/** What the containers' states say of why pods are not ready. */
export function podsSaid(pods: readonly LiveObject[]): Said[] {
  return pods.flatMap(({ metadata, status }) =>
    containersOf(status as PodStatus | undefined)
      .filter(({ ready }) => !ready)
      .flatMap(({ name, state, lastState, restartCount }) => {
        const { reason, message } = state?.waiting ?? {};
        const at = Date.parse(lastState?.terminated?.finishedAt ?? metadata.creationTimestamp);
        const text = [reason, message].filter(Boolean).join(": ");
        return text ? [{ at, text: `pod ${metadata.name}/${name}: ${text} (${restartCount} restarts)` }] : [];
      }),
  );
}
