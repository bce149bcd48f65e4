import type { RuleGroup } from "../../kit/index.ts";

/** What goes wrong in any app or part, told from what Prometheus sees of the pods themselves. */
export const platformRules: RuleGroup = {
  name: "platform",
  rules: [
    {
      // It always fires: who receives alerts knows by its silence that nothing is evaluated or posted any more.
      alert: "Watchdog",
      expr: "vector(1)",
      labels: { severity: "none" },
      annotations: { summary: "alerts are evaluated and posted" },
    },
    {
      alert: "NodeNotScraped",
      expr: 'up{job="containers"} == 0',
      for: "5m",
      labels: { severity: "page" },
      annotations: { summary: "the kubelet of {{ $labels.node }} does not give its containers' metrics" },
    },
    {
      alert: "PodNotScraped",
      expr: 'up{job="pods"} == 0',
      for: "2m",
      labels: { severity: "page" },
      annotations: { summary: "{{ $labels.namespace }}/{{ $labels.pod }} does not answer its metrics port" },
    },
    {
      alert: "ContainerRestarts",
      // Each start is a container with an id of its own, so a series of its own: they are counted, not their changes.
      expr: 'count by (namespace, pod, container) (count_over_time(container_start_time_seconds{container!="",container!="POD"}[15m])) > 3',
      labels: { severity: "ticket" },
      annotations: {
        summary:
          "{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} was started {{ $value }} times in 15 minutes",
      },
    },
    {
      alert: "ContainerKilledForMemory",
      expr: "increase(container_oom_events_total[5m]) > 0",
      labels: { severity: "ticket" },
      annotations: { summary: "{{ $labels.namespace }}/{{ $labels.pod }} was killed at its memory limit" },
    },
    {
      alert: "NodeDiskAlmostFull",
      expr: 'node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"} < 0.05',
      for: "10m",
      labels: { severity: "page" },
      annotations: { summary: "the disk of {{ $labels.node }} is 95 % full" },
    },
  ],
};
