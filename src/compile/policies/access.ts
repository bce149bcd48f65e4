/** What gives away rights, secrets or doors: roles, Secrets, Services and Ingresses. */
import type { KubernetesObject } from "../../schema/object.ts";
import { type ObjectPolicy, workloadKinds } from "./policy.ts";

interface RoleRule {
  apiGroups?: string[];
  resources?: string[];
  verbs?: string[];
  nonResourceURLs?: string[];
}

const rulesOf = (role: KubernetesObject) => (role.rules ?? []) as RoleRule[];
const roles = ["Role", "ClusterRole"];
const bindings = ["RoleBinding", "ClusterRoleBinding"];
const raising = ["bind", "escalate", "impersonate"];

export const access: ObjectPolicy[] = [
  {
    id: "rbac-wildcard",
    title: "roles name what they allow",
    why: "a wildcard also allows what is added tomorrow",
    fix: "list API groups, resources and verbs",
    severity: "error",
    on: roles,
    check: (role) =>
      rulesOf(role)
        .filter(({ resources, verbs }) => [...(resources ?? []), ...(verbs ?? [])].includes("*"))
        .map(
          ({ resources, verbs }) => `it allows ${verbs?.join(", ")} of ${resources?.join(", ") ?? "URLs"}`,
        ),
  },
  {
    id: "rbac-raise",
    title: "roles do not let their holder get more rights",
    why: `who may ${raising.join(", ")} is as good as an administrator`,
    fix: "remove the verb",
    severity: "error",
    on: roles,
    check: (role) =>
      rulesOf(role)
        .flatMap(({ verbs }) => verbs ?? [])
        .filter((verb) => raising.includes(verb))
        .map((verb) => `it allows to ${verb}`),
  },
  {
    id: "cluster-admin",
    title: "nobody is an administrator of the cluster",
    why: "a fault in one pod would be a fault in all",
    fix: "bind a role of its own",
    severity: "error",
    on: bindings,
    check: (binding) =>
      ["cluster-admin", "admin", "edit"].includes((binding.roleRef as { name?: string })?.name ?? "")
        ? [`it binds ${(binding.roleRef as { name: string }).name}`]
        : [],
  },
  {
    id: "secret-in-clear",
    title: "Secrets are in the fleet repo as ciphertext alone",
    why: "whoever may read the repo, now or later, could read them",
    fix: "declare it under `secrets`, and set its value with `landfall secret set`",
    severity: "error",
    on: ["Secret"],
    check: (secret) => {
      const keys = Object.keys({ ...(secret.data as object), ...(secret.stringData as object) });
      return keys.length > 0 && !secret.sops ? [`it holds ${keys.join(", ")} in clear`] : [];
    },
  },
  {
    id: "ingress",
    title: "the gateway is reached by Gateway API routes",
    why: "canaries, DNS and certificates follow routes; what an Ingress means differs by controller",
    fix: "use `expose`, or an HTTPRoute",
    severity: "error",
    on: ["Ingress"],
    check: () => ["it is an Ingress"],
  },
  {
    id: "service-exposure",
    title: "Services are reached from inside the cluster",
    why: "a door beside the gateway has neither its certificates nor its limits",
    fix: "use type ClusterIP, and `expose` for what is for outside",
    severity: "error",
    on: ["Service"],
    check: ({ spec }) => {
      const { type = "ClusterIP", externalIPs = [] } = (spec ?? {}) as {
        type?: string;
        externalIPs?: string[];
      };
      if (externalIPs.length > 0) return [`it takes the addresses ${externalIPs.join(", ")} for itself`];
      return ["NodePort", "LoadBalancer"].includes(type) ? [`it is of type ${type}`] : [];
    },
  },
  {
    id: "system-namespace",
    title: "apps run in namespaces of their own",
    why: "in the cluster's own they have neighbours that may do everything; `default` isolates nobody",
    fix: "name another namespace",
    severity: "error",
    on: workloadKinds,
    check: ({ metadata: { namespace = "" } }, { bundle }) =>
      bundle.kind === "app" && (namespace === "default" || namespace.startsWith("kube-"))
        ? [`it runs in ${namespace}`]
        : [],
  },
  {
    id: "host-domain",
    title: "host names are in the company's domain",
    why: "elsewhere somebody else decides where a name leads",
    fix: "nothing, when the name is yours",
    severity: "info",
    on: ["HTTPRoute", "GRPCRoute", "TLSRoute"],
    check: ({ spec }, { domain, bundle }) =>
      ((spec as { hostnames?: string[] } | undefined)?.hostnames ?? [])
        .filter((host) => bundle.kind === "app" && host !== domain && !host.endsWith(`.${domain}`))
        .map((host) => `${host} is not in ${domain}`),
  },
];
