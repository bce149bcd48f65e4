/**
 * What kwok does to the objects it plays, as its Stage objects (kwok.x-k8s.io/v1alpha1): a node becomes and
 * stays Ready, a pod on it runs at once, a pod of a Job completes, a deleted pod goes. Templates are Go's. A node that was
 * away for a while (an API server that was down, a machine that slept) has had its pods marked as not ready: they are again.
 */
interface Expression {
  key: string;
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  values?: string[];
}

const alive: Expression = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
const ready = '.status.conditions.[] | select( .type == "Ready" ) | .status';

function stage(name: string, kind: "Node" | "Pod", matchExpressions: Expression[], next: object) {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: { resourceRef: { apiGroup: "v1", kind }, selector: { matchExpressions }, next },
  };
}

const nodeConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map(
  (type) =>
    `- {type: ${type}, status: "${type === "Ready" ? "True" : "False"}", reason: Simulated, message: no kubelet runs here, lastHeartbeatTime: {{ Quote Now }}, lastTransitionTime: {{ Quote Now }}}`,
);

const nodeStatus = `conditions:
${nodeConditions.join("\n")}
addresses:
- {type: InternalIP, address: {{ Quote NodeIP }}}
- {type: Hostname, address: {{ Quote NodeName }}}
nodeInfo: {architecture: amd64, operatingSystem: linux, bootID: "", machineID: "", systemUUID: "", kernelVersion: simulated, osImage: simulated, containerRuntimeVersion: simulated, kubeletVersion: v1.36.0-simulated, kubeProxyVersion: v1.36.0-simulated}
phase: Running
`;

const podConditions = ["Initialized", "ContainersReady", "Ready"].map(
  (type) => `- {type: ${type}, status: "True", lastTransitionTime: {{ Quote Now }}}`,
);

const podRuns = `{{ $addresses := PodIPsWith .spec.nodeName (or .spec.hostNetwork false) .metadata.uid .metadata.name .metadata.namespace }}
phase: Running
startTime: {{ Quote Now }}
podIP: {{ index $addresses 0 | Quote }}
podIPs:
- ip: {{ index $addresses 0 | Quote }}
conditions:
${podConditions.join("\n")}
{{ range .spec.readinessGates }}
- {type: {{ .conditionType }}, status: "True", lastTransitionTime: {{ Quote Now }}}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name }}, image: {{ Quote .image }}, ready: true, started: true, restartCount: 0, state: {running: {startedAt: {{ Quote Now }}}}}
{{ end }}
{{ if .spec.initContainers }}
initContainerStatuses:
{{ range .spec.initContainers }}
- {name: {{ .name }}, image: {{ Quote .image }}, ready: true, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ Quote Now }}, finishedAt: {{ Quote Now }}}}}
{{ end }}
{{ end }}
`;

const podCompletes = `phase: Succeeded
conditions:
- {type: Ready, status: "False", reason: PodCompleted, lastTransitionTime: {{ Quote Now }}}
- {type: ContainersReady, status: "False", reason: PodCompleted, lastTransitionTime: {{ Quote Now }}}
containerStatuses:
{{ range .spec.containers }}
- {name: {{ .name }}, image: {{ Quote .image }}, ready: false, started: false, restartCount: 0, state: {terminated: {exitCode: 0, reason: Completed, startedAt: {{ Quote Now }}, finishedAt: {{ Quote Now }}}}}
{{ end }}
`;

/** The stages, one object each. */
export const kwokStages = [
  stage("node-ready", "Node", [{ key: ready, operator: "NotIn", values: ["True"] }], {
    statusTemplate: nodeStatus,
  }),
  stage("pod-runs", "Pod", [alive, { key: ".status.phase", operator: "In", values: ["Pending"] }], {
    statusTemplate: podRuns,
  }),
  stage(
    "pod-of-job-completes",
    "Pod",
    [
      alive,
      { key: ".status.phase", operator: "In", values: ["Running"] },
      { key: ".metadata.ownerReferences.[].kind", operator: "In", values: ["Job"] },
    ],
    { statusTemplate: podCompletes },
  ),
  stage(
    "pod-ready-again",
    "Pod",
    [
      alive,
      { key: ".status.phase", operator: "In", values: ["Running"] },
      { key: ".metadata.ownerReferences.[].kind", operator: "NotIn", values: ["Job"] },
      { key: ready, operator: "NotIn", values: ["True"] },
    ],
    { statusTemplate: `conditions:\n${podConditions.join("\n")}\n` },
  ),
  stage("pod-goes", "Pod", [{ key: ".metadata.deletionTimestamp", operator: "Exists" }], { delete: true }),
];
