import { z } from "zod";
import { contribute, definePart, field, metricsStore, type PlacedApp, ruleGroups } from "../../kit/index.ts";
import { platformRules } from "./platform-rules.ts";
import { sloRules } from "./slo-rules.ts";

const options = z.object({
  platform: field(
    z.boolean().default(true),
    "Alert on pods that are down, restart, or fill their memory or volume.",
    true,
  ),
});

/** What every app is measured by, without any configuration of its own: SLO recordings and alerts, platform alerts. */
export const metrics = definePart({
  id: "metrics",
  title: "Metrics of every app",
  category: "metrics",
  docs: "https://sre.google/workbook/alerting-on-slos/",
  options,
  needs: { metricsStore },
  contributes: [
    contribute(ruleGroups, (cx) => {
      const promising = cx.apps.filter((app: PlacedApp) => app.spec.slo && app.metrics);
      return [
        ...promising.map(sloRules),
        ...((cx.options as z.output<typeof options>).platform ? [platformRules] : []),
      ];
    }),
  ],
  render: () => [],
});
