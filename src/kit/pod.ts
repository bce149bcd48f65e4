/**
 * Pods with the kit's defaults. Every container meets Pod Security "restricted", has requests, a memory limit and a
 * read-only root file system; what a part cannot keep it overrides openly and waives with a reason.
 */
import type { Owner } from "./labels.ts";
import type { AppPort } from "./placed-app.ts";
import { doubled } from "./quantity.ts";

/** The user that landfall's images run as. */
export const nonRootUser = 65532;

export interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: unknown;
}

export interface Mount {
  name: string;
  mountPath: string;
  readOnly?: boolean;
  subPath?: string;
}

export interface ContainerSpec {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: EnvVar[];
  ports?: AppPort[];
  mounts?: Mount[];
  /** Requests; the memory limit is twice the request unless given. No CPU limit: it throttles without need. */
  resources: { cpu: string; memory: string; memoryLimit?: string | undefined };
  /** Nothing can be asked of a container without ports; it counts as well while it runs. */
  probes: { startup?: object; liveness?: object; readiness?: object };
  /** Seconds to wait before SIGTERM, so that endpoints forget the pod first. */
  drainSeconds?: number;
  securityContext?: object;
}

export interface PodSpec {
  serviceAccount: string;
  /** Mount the service account's token; only for what talks to the API server. */
  apiAccess?: boolean;
  containers: ContainerSpec[];
  initContainers?: ContainerSpec[];
  volumes?: object[];
  terminationGraceSeconds?: number;
  securityContext?: object;
  extra?: object;
}

/** A container with the restricted security context. */
export function container(spec: ContainerSpec): Record<string, unknown> {
  const { cpu, memory, memoryLimit = doubled(memory) } = spec.resources;
  return {
    name: spec.name,
    image: spec.image,
    imagePullPolicy: "IfNotPresent",
    ...(spec.command && { command: spec.command }),
    ...(spec.args?.length && { args: spec.args }),
    ...(spec.env?.length && { env: spec.env }),
    ...(spec.ports?.length && {
      ports: spec.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" })),
    }),
    resources: { requests: { cpu, memory }, limits: { memory: memoryLimit } },
    ...(spec.probes.startup && { startupProbe: spec.probes.startup }),
    ...(spec.probes.liveness && { livenessProbe: spec.probes.liveness }),
    ...(spec.probes.readiness && { readinessProbe: spec.probes.readiness }),
    ...(spec.drainSeconds && { lifecycle: { preStop: { sleep: { seconds: spec.drainSeconds } } } }),
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      ...spec.securityContext,
    },
    ...(spec.mounts?.length && { volumeMounts: spec.mounts }),
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}

/** A pod's spec with the restricted security context. */
export function podSpec(spec: PodSpec): Record<string, unknown> {
  return {
    serviceAccountName: spec.serviceAccount,
    automountServiceAccountToken: spec.apiAccess ?? false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: nonRootUser,
      runAsGroup: nonRootUser,
      fsGroup: nonRootUser,
      seccompProfile: { type: "RuntimeDefault" },
      ...spec.securityContext,
    },
    ...(spec.terminationGraceSeconds && { terminationGracePeriodSeconds: spec.terminationGraceSeconds }),
    ...(spec.initContainers?.length && { initContainers: spec.initContainers.map(container) }),
    containers: spec.containers.map(container),
    ...(spec.volumes?.length && { volumes: spec.volumes }),
    ...spec.extra,
  };
}

/** Keep an owner's pods apart as far as that can be: over zones, then over nodes. */
export function spread(owner: Owner): { topologySpreadConstraints: object[] } {
  const constraint = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { [owner.label]: owner.name } },
  });
  return {
    topologySpreadConstraints: [
      constraint("topology.kubernetes.io/zone"),
      constraint("kubernetes.io/hostname"),
    ],
  };
}

/** An HTTP probe on a named port. */
export function httpProbe(port: string | number, path: string, timing: object = {}): object {
  return { httpGet: { port, path }, ...timing };
}
