import { beforeAll, describe, expect, it } from "vitest";
import { renderPart, theOne } from "../../src/kit/testing/render-part.ts";
import { alertmanager } from "../../src/parts/index.ts";
import { useJudgeFolders } from "./folders.ts";
import { filesOf, shopCluster } from "./shop.ts";
import { debianTool, isThere, judge } from "./tools.ts";

const amtool = await debianTool("prometheus-alertmanager", "amtool");
const write = useJudgeFolders();
const file = "alertmanager.yml";

describe.skipIf(!isThere(amtool))("Alertmanager's config, by amtool", { timeout: 300_000 }, () => {
  const check = (config: string) => judge(amtool, ["check-config", `${write({ [file]: config })}/${file}`]);
  let config: string;
  beforeAll(async () => {
    config = filesOf(await shopCluster(), "alertmanager-config")[file] ?? "";
  });

  it("is taken as the shop has it", async () => {
    const { code, text } = await check(config);
    expect(text).toContain("SUCCESS");
    expect(code).toBe(0);
  });

  it("is taken with a webhook", async () => {
    const objects = renderPart(alertmanager, { options: { webhook: "https://hooks.example.com/alerts" } });
    const { data } = theOne(objects, "ConfigMap") as unknown as { data: Record<string, string> };
    const { code, text } = await check(data[file] ?? "");
    expect(text).toContain("1 receivers");
    expect(code).toBe(0);
  });

  it("is refused when its route leads nowhere", async () => {
    const { code, text } = await check(config.replace("receiver: default", "receiver: nobody"));
    expect(text).toContain("FAILED");
    expect(code).toBe(1);
  });
});
