import type { PolicyRule, RuleGroup } from "../../kit/index.ts";

const read = ["get", "list", "watch"];

/** Reading routes, the Gateways they attach to, and the namespaces those admit. */
export const routeRules: PolicyRule[] = [
  {
    apiGroups: ["gateway.networking.k8s.io"],
    resources: ["gateways", "httproutes", "grpcroutes"],
    verbs: read,
  },
  { apiGroups: [""], resources: ["namespaces"], verbs: read },
];

/** Reading DNSEndpoints and telling which generation was seen, in one namespace. */
export const endpointRules: PolicyRule[] = [
  { apiGroups: ["externaldns.k8s.io"], resources: ["dnsendpoints"], verbs: read },
  {
    apiGroups: ["externaldns.k8s.io"],
    resources: ["dnsendpoints/status"],
    verbs: ["get", "update", "patch"],
  },
];

/** What external-dns says of itself. It skips a name that somebody else holds without a word but this metric. */
export const alerts: RuleGroup = {
  name: "external-dns",
  rules: [
    {
      alert: "DnsNameHeldByAnother",
      expr: "max by (domain, record_type, foreign_owner) (external_dns_registry_skipped_records_owner_mismatch_per_sync) > 0",
      for: "5m",
      labels: { severity: "ticket" },
      annotations: {
        summary:
          "a {{ $labels.record_type }} record below {{ $labels.domain }} is wanted and belongs to {{ if $labels.foreign_owner }}{{ $labels.foreign_owner }}{{ else }}somebody who did not sign it{{ end }}",
      },
    },
    {
      alert: "DnsNotWritten",
      expr: 'time() - external_dns_controller_last_sync_timestamp_seconds{part="external-dns"} > 600',
      for: "5m",
      labels: { severity: "page" },
      annotations: { summary: "{{ $labels.pod }} has not brought DNS up to date for 10 minutes" },
    },
  ],
};
