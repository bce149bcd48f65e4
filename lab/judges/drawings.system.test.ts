/** Drawings of the graph, judged by who draws them: Mermaid itself, and a browser's XML reader and fonts. */
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { drawGraph } from "../../src/graph/draw/draw.ts";
import { everyKind, ringOf } from "../../src/graph/testing/examples.ts";
import { openGraph } from "../../src/platform/graph.ts";
import { useJudgeFolders } from "./folders.ts";
import { debianTool, isThere, judge, npmPackage } from "./tools.ts";

const folder = useJudgeFolders();
const browser = await debianTool("chromium", "chromium");
const grouped = ringOf(2_000, (i) => ({ namespace: `team ${i % 40} "x"` }));
const graphs = { everyKind, grouped, shop: (await openGraph("examples/shop")).graph };

/** What a script in a page makes of a text; `script` is the body of an async function of `input`. */
async function inPage(input: string, script: string, head = ""): Promise<unknown> {
  const json = JSON.stringify(input).replaceAll("<", "\\u003c");
  const page = `<!doctype html><meta charset="utf-8">${head}<pre id="result"></pre><script>
const judge = async (input) => {${script}};
judge(${json}).catch((error) => ({ error: String(error) })).then((result) => {
  document.getElementById("result").textContent = "RESULT" + encodeURIComponent(JSON.stringify(result)) + "END";
});</script>`;
  const dir = folder({ "page.html": page });
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"];
  const { text } = await judge(browser, [
    ...flags,
    `--user-data-dir=${dir}/profile`,
    "--virtual-time-budget=20000",
    "--dump-dom",
    pathToFileURL(`${dir}/page.html`).href,
  ]);
  return JSON.parse(decodeURIComponent(text.match(/RESULT(.*?)END/)?.[1] ?? "null"));
}

test.skipIf(!isThere(browser)).each(Object.entries(graphs))(
  "a browser reads the SVG of %s, and every text fits its box",
  async (name, graph) => {
    const { text } = drawGraph(graph, name, "svg");
    const script = `
    const read = new DOMParser().parseFromString(input, "image/svg+xml");
    if (read.querySelector("parsererror")) return { error: read.documentElement.textContent };
    document.body.append(document.adoptNode(read.documentElement));
    const boxes = [...document.querySelectorAll("g")].filter((g) => g.querySelector(":scope > rect"));
    const wide = boxes.flatMap((g) => [...g.querySelectorAll(":scope > text")].filter((t) => t.getBBox().width > g.querySelector(":scope > rect").getBBox().width));
    return { boxes: boxes.length, wide: wide.map((t) => t.textContent) };`;
    const result = (await inPage(text, script)) as { boxes: number };
    expect(result).toMatchObject({ wide: [] });
    expect(result.boxes).toBeGreaterThan(5);
  },
);

test.skipIf(!isThere(browser)).each(Object.entries(graphs))(
  "Mermaid draws %s with every node and edge",
  async (name, graph) => {
    const mermaid = await npmPackage("mermaid", "12.3.0");
    if (!mermaid) return;
    const { text } = drawGraph(graph, name, "mermaid");
    const script = `
    mermaid.initialize({ startOnLoad: false, maxEdges: 2000 });
    const { diagramType } = await mermaid.parse(input);
    const { svg } = await mermaid.render("drawing", input);
    const drawn = new DOMParser().parseFromString(svg, "text/html");
    return { diagramType, nodes: drawn.querySelectorAll(".node").length, edges: drawn.querySelectorAll("path.flowchart-link").length };`;
    const source = pathToFileURL(`${mermaid}/dist/mermaid.min.js`).href;
    const lines = text.split("\n");
    expect(await inPage(text, script, `<script src="${source}"></script>`)).toEqual({
      diagramType: expect.stringContaining("flowchart"),
      nodes: lines.filter((line) => /^ {2}n\d+[[({]/.test(line)).length,
      edges: lines.filter((line) => / (-->|==>|-\.->)/.test(line)).length,
    });
  },
);
