/** The profile "baseline" of Pod Security as of Kubernetes 1.36, a rule a control. */
import { each, type Handler, type PodTemplate, profileRules, type SecurityContext } from "./policy.ts";

const safeSysctls = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

/** Capabilities that a container may be given under this profile. */
export const baselineCapabilities = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

const seLinuxTypes = ["container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

/** The security contexts that `test` refuses: the pod's own, and its containers'. */
function contexts(pod: PodTemplate, test: (context: SecurityContext) => boolean, says: string): string[] {
  const own = pod.spec.securityContext;
  const found = each(pod, (c) => !(c.securityContext && test(c.securityContext)), says);
  return own && test(own) ? [`the pod ${says}`, ...found] : found;
}

function annotated(pod: PodTemplate, prefix: string): [string, string][] {
  const annotations = pod.metadata?.annotations;
  return annotations ? Object.entries(annotations).filter(([key]) => key.startsWith(prefix)) : [];
}

/** Whether a profile is named that confines nothing. */
const isOff = (profile: { type: string } | undefined) =>
  profile !== undefined && !["RuntimeDefault", "Localhost"].includes(profile.type);

const badAppArmor = (pod: PodTemplate) =>
  annotated(pod, "container.apparmor.security.beta.kubernetes.io/")
    .filter(([, value]) => value !== "" && value !== "runtime/default" && !value.startsWith("localhost/"))
    .map(([key]) => `annotation ${key} turns AppArmor off`);

/** In a user namespace root is nobody on the node. */
export const hasUserNamespace = ({ spec }: PodTemplate) => spec.hostUsers === false;

/** Containers that see what the kernel tells of the node. */
export const unmasked = (pod: PodTemplate) =>
  each(pod, (c) => (c.securityContext?.procMount ?? "Default") === "Default", "sees all of /proc");

const hasHost = (handler: Handler | undefined) => Boolean(handler?.httpGet?.host || handler?.tcpSocket?.host);

export const baseline = profileRules("baseline", [
  {
    id: "host-namespaces",
    title: "pods do not share the node's namespaces",
    why: "they could see and reach everything on the node",
    fix: "remove hostNetwork, hostPID and hostIPC",
    check: ({ spec }) =>
      spec.hostNetwork || spec.hostPID || spec.hostIPC ? ["it shares a namespace of the node"] : [],
  },
  {
    id: "host-ports",
    title: "containers do not take ports of the node",
    why: "two pods could not run on one node, and no network policy guards the port",
    fix: "use a Service",
    check: (pod) => each(pod, (c) => !c.ports?.some((p) => p.hostPort), "takes a port of the node"),
  },
  {
    id: "host-path",
    title: "pods do not mount the node's files",
    why: "who writes there changes the node, who reads there finds other pods' secrets",
    fix: "use a claim, an emptyDir, a ConfigMap or a Secret",
    check: ({ spec }) =>
      (spec.volumes ?? []).filter((v) => v.hostPath).map((v) => `volume ${v.name} is a folder of the node`),
  },
  {
    id: "privileged",
    title: "containers are not privileged",
    why: "a privileged container is root on the node",
    fix: "remove privileged, and add the one capability that is needed",
    check: (pod) => each(pod, (c) => c.securityContext?.privileged !== true, "is privileged"),
  },
  {
    id: "added-capabilities",
    title: "containers get no capabilities beyond the usual",
    why: "some of them, SYS_ADMIN among them, are as good as root",
    fix: "remove the capability",
    check: (pod) =>
      each(
        pod,
        (c) => (c.securityContext?.capabilities?.add ?? []).every((name) => baselineCapabilities.has(name)),
        "adds a capability that reaches the node",
      ),
  },
  {
    id: "host-probes",
    title: "probes and hooks ask the pod itself",
    why: "with a host the kubelet would ask any address for whoever writes the pod",
    fix: "remove `host` from the probe or hook",
    check: (pod) =>
      each(
        pod,
        (c) =>
          ![c.livenessProbe, c.readinessProbe, c.startupProbe].some(hasHost) &&
          ![c.lifecycle?.postStart, c.lifecycle?.preStop].some(hasHost),
        "has a probe or hook with a host",
      ),
  },
  {
    id: "sysctls",
    title: "pods set only safe sysctls",
    why: "others change the kernel for every pod of the node",
    fix: "remove the sysctl",
    check: ({ spec }) =>
      (spec.securityContext?.sysctls ?? [])
        .filter(({ name }) => !safeSysctls.has(name))
        .map(({ name }) => `it sets the sysctl ${name}`),
  },
  {
    id: "proc-mount",
    title: "containers see the masked /proc",
    why: "the mask hides what the kernel tells of the node",
    fix: "remove procMount",
    check: (pod) => (hasUserNamespace(pod) ? [] : unmasked(pod)),
  },
  {
    id: "app-armor",
    title: "AppArmor is not turned off",
    why: "its profile keeps a container from the node's files",
    fix: "remove appArmorProfile, or name a profile",
    check: (pod) => [
      ...contexts(pod, ({ appArmorProfile }) => isOff(appArmorProfile), "turns AppArmor off"),
      ...badAppArmor(pod),
    ],
  },
  {
    id: "se-linux",
    title: "SELinux keeps containers apart",
    why: "another type, user or role opens what the policy shuts",
    fix: "remove seLinuxOptions",
    check: (pod) =>
      contexts(
        pod,
        ({ seLinuxOptions: o }) =>
          o !== undefined && Boolean((o.type && !seLinuxTypes.includes(o.type)) || o.user || o.role),
        "sets an SELinux type, user or role",
      ),
  },
  {
    id: "windows-host-process",
    title: "Windows containers are no host processes",
    why: "they would run as the node does",
    fix: "remove hostProcess",
    check: (pod) =>
      contexts(pod, ({ windowsOptions: o }) => o?.hostProcess === true, "is a process of the node"),
  },
  {
    id: "seccomp-off",
    title: "seccomp is not turned off",
    why: "its profile shuts the system calls that nothing needs",
    fix: "set seccompProfile.type: RuntimeDefault",
    check: (pod) => contexts(pod, ({ seccompProfile }) => isOff(seccompProfile), "turns seccomp off"),
  },
]);
