/**
 * Checks of other people's judges that are wrong for what landfall emits, each with its reason. One that excuses
 * nothing any more fails the test.
 */
export interface Exception {
  judge: "kube-score" | "checkov";
  /** The check's own id. */
  check: string;
  /** The objects it is excused for, as `Kind namespace/name`. @default all */
  on?: RegExp;
  /** What the check says, where it says several things. @default anything */
  says?: RegExp;
  reason: string;
}

const noCpuLimit =
  "a CPU limit throttles a pod while its node idles; requests share a busy CPU, and memory is what is limited";
const fixedImages =
  "images are named by a version or a digest (policy image-tag), so pulling again gives the same, and a registry that is away must not keep a pod from restarting";
/** Without ports. */
const portless = /^Deployment (local-path\/local-path|shop\/batch)$/;
const noProbe = "it has no port to be asked at: while it runs it works";
const nodeExporter =
  "it measures the node, which it must see; its part waives the rule, in a namespace of its own";

export const exceptions: Exception[] = [
  { judge: "kube-score", check: "container-resources", says: /^CPU limit is not set$/, reason: noCpuLimit },
  { judge: "kube-score", check: "container-image-pull-policy", reason: fixedImages },
  {
    judge: "kube-score",
    check: "container-ephemeral-storage-request-and-limit",
    reason:
      "what a pod can write is bounded elsewhere: root file systems are read-only and every emptyDir has a limit (policies read-only-root and volume-limit), and the kubelet rotates logs",
  },
  {
    judge: "kube-score",
    check: "pod-probes-identical",
    reason:
      "programs with one way to be asked have one question for both; liveness asks it several times more patiently, so traffic goes away long before a restart",
  },
  {
    judge: "kube-score",
    check: "horizontalpodautoscaler-has-target",
    on: /^HorizontalPodAutoscaler \S+-primary$/,
    reason:
      "its target is what Flagger makes of the app's Deployment; policy autoscaler asks that the Deployment is there",
  },
  { judge: "checkov", check: "CKV_K8S_11", reason: noCpuLimit },
  { judge: "checkov", check: "CKV_K8S_15", reason: fixedImages },
  {
    judge: "checkov",
    check: "CKV_K8S_43",
    reason:
      "a version is what people read and release; digests are pinned by `images.lock`, which a later release of landfall writes",
  },
  {
    judge: "checkov",
    check: "CKV_K8S_35",
    reason:
      "apps read secrets from their environment, as the twelve factors have it; the value is a reference, its Secret is named by content, and no file of the fleet holds it in clear",
  },
  {
    judge: "checkov",
    check: "CKV_K8S_38",
    on: /^(Deployment|StatefulSet) (traefik|kube-system|local-path|flux-system|prometheus|flagger|external-dns|release-engine)\//,
    reason:
      "controllers talk to the API server; policy api-token lets only those mount a token that a role is bound to",
  },
  { judge: "checkov", check: "CKV_K8S_8", on: portless, reason: noProbe },
  { judge: "checkov", check: "CKV_K8S_9", on: portless, reason: noProbe },
  { judge: "checkov", check: "CKV_K8S_17", on: /^DaemonSet node-exporter\//, reason: nodeExporter },
  { judge: "checkov", check: "CKV_K8S_19", on: /^DaemonSet node-exporter\//, reason: nodeExporter },
];
