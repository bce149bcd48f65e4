/** The dashboard of releases: what serves and what is looked at, side by side. Typed by Grafana's own SDK, kept as JSON. */
import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  MappingType,
  QueryVariableBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

const datasource = { type: "prometheus", uid: "$" + "{datasource}" };
const app = 'namespace="$namespace",app="$app"';
/** The controller's own metrics tell of other namespaces than the one it is scraped in. */
const released = 'exported_namespace="$namespace"';

interface Drawn {
  title: string;
  description: string;
  unit: string;
  queries: [expr: string, legend: string][];
  /** Upper end of the axis, where there is one. */
  max?: number;
}

const panels: Drawn[] = [
  {
    title: "Share of the traffic",
    description: "The weights of the route, in percent.",
    unit: "percent",
    max: 100,
    queries: [[`flagger_canary_weight{${released},workload=~"$app(-primary)?"}`, "{{workload}}"]],
  },
  {
    title: "Requests",
    description: "What each answers per second.",
    unit: "reqps",
    queries: [[`app_role:requests:rate1m{${app}}`, "{{role}}"]],
  },
  {
    title: "Failed requests",
    description: "The share of requests that failed.",
    unit: "percentunit",
    max: 1,
    queries: [[`app_role:request_error_ratio:rate1m{${app}}`, "{{role}}"]],
  },
  {
    title: "Latency",
    description: "What 99 % of requests stay below.",
    unit: "s",
    queries: [[`app_role:request_duration_seconds:p99_1m{${app}}`, "{{role}}"]],
  },
  {
    title: "Memory",
    description: "The working set of each pod; pods of the primary have it in their names.",
    unit: "bytes",
    queries: [
      [
        'container_memory_working_set_bytes{namespace="$namespace",pod=~"$app-(primary-)?[0-9a-z]+-[0-9a-z]+",container="$app"}',
        "{{pod}}",
      ],
    ],
  },
  {
    title: "Checks",
    description: "What the last check of each metric gave.",
    unit: "short",
    queries: [[`flagger_canary_metric_analysis{${released},name="$app"}`, "{{metric}}"]],
  },
];

/** The dashboard as Grafana imports it. */
export function releaseDashboard(): Dashboard {
  const builder = new DashboardBuilder("Releases")
    .uid("landfall-releases")
    .description("A new version beside the one that serves.")
    .tags(["landfall", "release"])
    .readonly()
    .refresh("10s")
    .time({ from: "now-30m", to: "now" })
    .withVariable(new DatasourceVariableBuilder("datasource").label("Source").type("prometheus"))
    .withVariable(
      variable("namespace", "Namespace", "label_values(flagger_canary_status, exported_namespace)"),
    )
    .withVariable(
      variable("app", "App", 'label_values(flagger_canary_status{exported_namespace="$namespace"}, name)'),
    )
    .withPanel(phase());
  for (const panel of panels) builder.withPanel(drawn(panel));
  return builder.build();
}

function variable(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged);
}

function phase(): StatBuilder {
  const texts = { 0: { text: "analysing" }, 1: { text: "promoted" }, 2: { text: "rolled back" } };
  return new StatBuilder()
    .title("Last release")
    .description("What came of it.")
    .datasource(datasource)
    .height(3)
    .span(24)
    .mappings([{ type: MappingType.ValueToText, options: texts }])
    .withTarget(
      new DataqueryBuilder()
        .refId("A")
        .instant()
        .expr(`flagger_canary_status{${released},name="$app"}`)
        .legendFormat("{{name}}"),
    );
}

function drawn({ title, description, unit, queries, max }: Drawn): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .datasource(datasource)
    .unit(unit)
    .min(0)
    .height(8)
    .span(12);
  if (max !== undefined) panel.max(max);
  for (const [i, [expr, legend]] of queries.entries())
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + i))
        .range()
        .expr(expr)
        .legendFormat(legend),
    );
  return panel;
}
