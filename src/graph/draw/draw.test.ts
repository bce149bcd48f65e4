import { instance } from "@viz-js/viz";
import { describe, expect, test } from "vitest";
import { edgeAt, edgesOf, type Graph } from "../graph.ts";
import { everyKind, ringOf } from "../testing/examples.ts";
import { allIn, type Element, parseMarkup } from "../testing/markup.ts";
import { drawGraph } from "./draw.ts";
import { drawable } from "./prepare.ts";

/** Without a font that has them, Graphviz warns of letters beyond ASCII. */
const isError = ({ level }: { level?: string }) => level !== "warning";
const pairsOf = (graph: Graph) => edgesOf(graph).map(({ from, to }) => `${from} > ${to}`);

describe("DOT, as Graphviz itself reads it", () => {
  test("holds every node and edge, names unharmed, namespaces as clusters", async () => {
    const graphviz = await instance();
    const { output = "{}", errors } = graphviz.render(drawGraph(everyKind, 'the "shop"', "dot").text, {
      format: "json",
    });
    expect(errors.filter(isError)).toEqual([]);
    const read = JSON.parse(output) as {
      name: string;
      objects: { name: string; label: string; shape?: string }[];
      edges: { tail: number; head: number; style?: string }[];
    };
    expect(read.name).toBe('the "shop"');
    const nodes = read.objects.filter(({ name }) => !name.startsWith("cluster_"));
    // In names, unlike in labels, Graphviz keeps the second backslash too.
    const undoubled = (text = "") => text.replaceAll("\\\\", "\\");
    expect(nodes.map(({ name }) => undoubled(name)).sort()).toEqual(
      everyKind.nodes.map(({ id }) => id).sort(),
    );
    expect(read.objects.filter(({ name }) => name.startsWith("cluster_"))).toHaveLength(3);
    const nameOf = (n: number) => undoubled(read.objects[n]?.name);
    const edges = read.edges.map(({ tail, head }) => `${nameOf(tail)} > ${nameOf(head)}`);
    expect(edges.sort()).toEqual(pairsOf(everyKind).sort());
  });

  test("draws names as they are, and takes a large graph whole", async () => {
    const graphviz = await instance();
    const dot = drawGraph(everyKind, "shop", "dot").text;
    const drawn = graphviz.render(dot, { format: "svg" });
    expect(drawn.errors.filter(isError)).toEqual([]);
    const plain = drawn.output?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    expect(plain).toContain("back\\nslash");
    const large = ringOf(3_000);
    const { text, note } = drawGraph(large, "ring", "dot");
    expect(note).toBeUndefined();
    expect(text.match(/ -> /g)).toHaveLength(3_000);
  });
});

const textsOf = (root: Element) => allIn(root).filter(({ tag }) => tag === "text");

describe("SVG", () => {
  const root = parseMarkup(drawGraph(everyKind, 'a "shop" & <co>', "svg").text);
  const attribute = (element: Element | undefined, name: string) => element?.attributes[name] ?? "";

  test("is one closed element with every name on it and every edge told by its title", () => {
    expect(root).toMatchObject({ tag: "svg", attributes: { "aria-label": 'a "shop" & <co>' } });
    const texts = textsOf(root).map(({ text }) => text);
    for (const { name } of everyKind.nodes) expect(texts).toContain(name);
    const titles = allIn(root)
      .filter(({ tag }) => tag === "title")
      .map(({ text }) => text);
    for (const e of everyKind.from.keys()) {
      const { from, kind, to } = edgeAt(everyKind, e);
      expect(titles.some((title) => title.startsWith(`${from} ${kind} ${to}`))).toBe(true);
    }
    expect(allIn(root).some(({ tag }) => ["script", "image", "foreignObject"].includes(tag))).toBe(false);
  });

  test("lies inside its frame, and no two nodes overlap", () => {
    const [width, height] = ["width", "height"].map((name) => Number(attribute(root, name)));
    const [, , nodes] = root.children.filter(({ tag }) => tag === "g");
    const drawing = root.children.find(({ attributes }) => attributes.transform) ?? nodes;
    const boxes = (drawing?.children ?? [])
      .filter(({ children }) => children[0]?.tag === "title" && children[1]?.tag === "rect")
      .map(({ children }) =>
        ["x", "y", "width", "height"].map((name) => Number(attribute(children[1], name))),
      );
    expect(boxes).toHaveLength(everyKind.nodes.length);
    for (const [i, [x = 0, y = 0, w = 0, h = 0]] of boxes.entries()) {
      expect(x >= 0 && y >= 0 && x + w <= (width ?? 0) && y + h <= (height ?? 0)).toBe(true);
      for (const [ox = 0, oy = 0, ow = 0, oh = 0] of boxes.slice(i + 1))
        expect(x + w <= ox || ox + ow <= x || y + h <= oy || oy + oh <= y).toBe(true);
    }
  });

  test("is read on a light and on a dark page", () => {
    const pages = ["#ffffff", "#0d1117"];
    const grounds = new Set<string>();
    for (const group of allIn(root).filter(({ attributes }) => attributes.fill === "#ffffff")) {
      const ground = attribute(
        group.children.find(({ tag }) => tag === "rect"),
        "fill",
      );
      grounds.add(ground);
      expect(contrast("#ffffff", ground)).toBeGreaterThanOrEqual(4.5);
    }
    expect(grounds.size).toBe(5);
    const lines = allIn(root).flatMap(({ attributes }) => attributes.stroke ?? []);
    for (const colour of new Set([...grounds, ...lines]))
      for (const page of pages)
        expect(contrast(colour, page), `${colour} on ${page}`).toBeGreaterThanOrEqual(3);
    // No text stands outside a ground of its own.
    const grounded = allIn(root).filter(({ children }) => children.some(({ tag }) => tag === "rect"));
    expect(grounded.flatMap(({ children }) => children.filter(({ tag }) => tag === "text"))).toHaveLength(
      textsOf(root).length,
    );
  });
});

describe("what is too large for one drawing", () => {
  const large = ringOf(5_000, (i) => ({
    namespace: `team-${i % 9}`,
    labels: { tier: i % 2 ? "web" : "data" },
  }));

  test.each(["svg", "mermaid"] as const)("is drawn by namespace in %s, which is said", (format) => {
    const { text, note } = drawGraph(large, "ring", format);
    expect(note).toBe("drawn as 5000 apps by namespace, in 9 groups");
    for (let i = 0; i < 9; i++) expect(text).toContain(`team-${i}`);
    expect(text).toContain("556 apps");
    if (format === "svg") expect(text).toContain("ring: 5000 apps by namespace");
  });

  test("is drawn by the label that is asked for", () => {
    const { text, note } = drawGraph(large, "ring", "svg", "tier");
    expect(note).toContain("by tier, in 2 groups");
    const labels = textsOf(parseMarkup(text)).map((element) => element.text);
    expect(labels).toEqual(expect.arrayContaining(["web", "2500 apps", "2500"]));
  });

  test("is refused where nothing divides it, with ways out", () => {
    const alike = ringOf(drawable.nodes + 1);
    expect(() => drawGraph(alike, "ring", "svg")).toThrow(/LF9001 121 nodes with 121 edges are too many/);
    expect(drawGraph(ringOf(drawable.nodes), "ring", "svg").note).toBeUndefined();
  });
});

test("Mermaid names nodes by number and escapes what would end a text", () => {
  const { text } = drawGraph(everyKind, "shop", "mermaid");
  const lines = text.trimEnd().split("\n");
  expect(lines[0]).toBe("flowchart LR");
  expect(lines.filter((line) => / (-->|==>|-\.->)/.test(line))).toHaveLength(everyKind.from.length);
  for (const line of lines) expect((line.match(/"/g) ?? []).length % 2, line).toBe(0);
  expect(text).not.toMatch(/<b>|`z`/);
});

/** WCAG's contrast of two colours, 1 to 21. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [a, b].map(luminance).sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => {
    const part = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
