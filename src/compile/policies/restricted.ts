/**
 * What the profile "restricted" of Pod Security demands beyond "baseline" as of Kubernetes 1.36. A rule here says only
 * what `baseline` lets pass, so that each fault is found once, under the profile that gives way when it is waived.
 */
import { baselineCapabilities, hasUserNamespace, unmasked } from "./baseline.ts";
import { each, type PodTemplate, profileRules, type SecurityContext } from "./policy.ts";

/** `hostPath` is the matter of a rule of its own. */
const restrictedVolumes = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "hostPath",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const isWindows = ({ spec }: PodTemplate) => spec.os?.name === "windows";

export const restricted = profileRules("restricted", [
  {
    id: "seccomp",
    title: "containers run under a seccomp profile",
    why: "it shuts the system calls that nothing needs",
    fix: "set seccompProfile.type: RuntimeDefault",
    check: (pod) =>
      isWindows(pod)
        ? []
        : each(
            pod,
            (c) => Boolean(c.securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile),
            "has no seccomp profile",
          ),
  },
  {
    id: "volume-types",
    title: "pods mount only volumes of Kubernetes' own",
    why: "others pass by the cluster's storage and who may use it",
    fix: "use a claim, an emptyDir, a ConfigMap or a Secret",
    check: ({ spec }) =>
      (spec.volumes ?? [])
        .filter((volume) => Object.keys(volume).some((key) => key !== "name" && !restrictedVolumes.has(key)))
        .map((volume) => `volume ${volume.name} is not of an allowed type`),
  },
  {
    id: "proc-mount-user",
    title: "containers of a user namespace see the masked /proc too",
    why: "the mask hides what the kernel tells of the node",
    fix: "remove procMount",
    check: (pod) => (hasUserNamespace(pod) ? unmasked(pod) : []),
  },
  {
    id: "non-root",
    title: "containers run as another user than root",
    why: "root in a container is one kernel bug away from root on the node",
    fix: "set runAsNonRoot, and no runAsUser 0",
    check: (pod) => {
      if (hasUserNamespace(pod)) return [];
      const own = pod.spec.securityContext;
      const isRoot = (c: SecurityContext | undefined) => c?.runAsUser === 0;
      const found = each(
        pod,
        (c) => (c.securityContext?.runAsNonRoot ?? own?.runAsNonRoot) === true && !isRoot(c.securityContext),
        "may run as root",
      );
      const says = isRoot(own) || own?.runAsNonRoot === false;
      return says && found.length === 0 ? ["the pod may run as root"] : found;
    },
  },
  {
    id: "privilege-escalation",
    title: "containers cannot gain privileges",
    why: "a setuid program would give root back",
    fix: "set allowPrivilegeEscalation: false",
    check: (pod) =>
      isWindows(pod)
        ? []
        : each(pod, (c) => c.securityContext?.allowPrivilegeEscalation === false, "could gain privileges"),
  },
  {
    id: "capabilities",
    title: "containers drop all capabilities",
    why: "each of them is a part of root's power",
    fix: "drop ALL, and add NET_BIND_SERVICE at most",
    check: (pod) =>
      isWindows(pod)
        ? []
        : each(
            pod,
            ({ securityContext: s }) =>
              s?.capabilities?.drop?.includes("ALL") === true &&
              (s.capabilities.add ?? []).every(
                (name) => name === "NET_BIND_SERVICE" || !baselineCapabilities.has(name),
              ),
            "keeps capabilities",
          ),
  },
]);
