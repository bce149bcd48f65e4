import { expect, test } from "vitest";
import { readYaml } from "./read-yaml.ts";

const value = (text: string) => {
  const read = readYaml(text);
  return read.ok ? read.value : read.problems;
};

const megabytes = 10 * 2 ** 20;
const laughs = Array.from(
  { length: 10 },
  (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(",")}]`,
);
const laughing = `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${laughs.join("\n")}\nz: ${"y".repeat(megabytes)}\n`;

/** Texts that would cost much, with what is said of them. */
test.each([
  ["10 MB of aliases", `a: &a [x]\nb: [${"*a,".repeat(megabytes / 3)}]\n`, "aliases"],
  ["a billion laughs of 10 MB", laughing, "aliases expand to too much"],
  ["aliases that hold themselves", "a: &a [*a]\n", "aliases expand to too much"],
  ["101 aliases", `a: &a 1\nb: [${"*a,".repeat(101)}]\n`, "more than 100 aliases"],
  ["lists of depth 100,000", `a: ${"[".repeat(1e5)}${"]".repeat(1e5)}`, "more than 100 levels"],
  ["lists of depth 100,000, never closed", `a: ${"[".repeat(1e5)}`, "more than 100 levels"],
  ["block lists of depth 100,000", `${"- ".repeat(1e5)}a`, "more than 100 levels"],
  ["mappings of depth 100,000", `${"{a: ".repeat(1e5)}`, "more than 100 levels"],
  ["keys of keys of depth 100,000", `${"? ".repeat(1e5)}a`, "more than 100 levels"],
  ["17 MB", `a: ${"y".repeat(17 * 2 ** 20)}`, "more than 16 MiB"],
])("%s are refused soon and in little memory", (_name, text, said) => {
  const before = { time: performance.now(), memory: process.memoryUsage().rss };
  const read = readYaml(text);
  expect(read).toMatchObject({
    ok: false,
    problems: [{ code: "LF1001", what: expect.stringContaining(said) }],
  });
  expect(performance.now() - before.time).toBeLessThan(3000);
  expect(process.memoryUsage().rss - before.memory).toBeLessThan(512 * 2 ** 20);
});

test("a hundred aliases are taken, and cron's stars are none", () => {
  expect(value(`a: &a 1\nb: [${"*a,".repeat(100)}]\n`)).toMatchObject({ a: 1 });
  const crons = Array.from({ length: 5000 }, (_, i) => `j${i}: 5 */2 * * *`).join("\n");
  expect(value(crons)).toMatchObject({ j4999: "5 */2 * * *" });
});

test.each(["__proto__", "constructor", "prototype"])("the key %s is refused and reaches nothing", (key) => {
  for (const text of [
    `a:\n  ${key}: { polluted: true }\n`,
    `a:\n  "${key}": 1\n`,
    `a: { ${key}: 1 }\n`,
    `a:\n  ? ${key}\n  : 1\n`,
  ]) {
    expect(value(text)).toMatchObject([{ code: "LF1003", what: `the key \`${key}\` is not taken` }]);
  }
  const [problem] = value(`a:\n  ${key}: 1\n`) as { line: number; column: number }[];
  expect(problem).toMatchObject({ line: 2, column: 3 });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("every doubled key is told with both places", () => {
  expect(value('a: 1\nb:\n  c: 1\n  "c": 2\na: 2\n1: x\n"1": y\n')).toMatchObject([
    { code: "LF1008", line: 4, column: 3, why: "the first is at line 3" },
    { code: "LF1008", line: 5, column: 1, why: "the first is at line 1" },
    { code: "LF1008", line: 7, column: 1, why: "the first is at line 6" },
  ]);
  expect(value("a: &x k\n*x : 1\nk: 2\n")).toMatchObject([{ code: "LF1001" }]);
});

test("the words of YAML 1.1 are text, as YAML 1.2 has it", () => {
  const words = [
    "yes",
    "no",
    "on",
    "off",
    "Yes",
    "NO",
    "y",
    "n",
    "0b11",
    "1_000",
    "1:30",
    "2026-01-01",
    "<<",
  ];
  for (const word of words) expect(value(`a: ${word}`)).toEqual({ a: word });
  expect(value("a: 0644\nb: 0o644\nc: 0x1F\nd: 1e3\ne: ~\nf: True")).toEqual({
    a: 644,
    b: 420,
    c: 31,
    d: 1000,
    e: null,
    f: true,
  });
  expect(value("on: { count: 3 }")).toEqual({ on: { count: 3 } });
});

test.each([
  ["a: [", 1, 5],
  ["a: b: c", 1, 5],
  ["a: 1\n b: 2", 2, 3],
  ["a: *x", 1, 5],
  ["a: 'x\n", 2, 1],
  ["a:\n\t- b", 2, 1],
])("%j is refused at its place", (text, line, column) => {
  expect(value(text)).toMatchObject([{ code: "LF1001", line, column }]);
});

test("an empty text and several documents are refused", () => {
  expect(value("")).toMatchObject([{ what: "it is empty" }]);
  expect(value("# only a comment\n")).toMatchObject([{ what: "it is empty" }]);
  expect(value("a: 1\n---\nb: 2\n")).toMatchObject([{ what: "it holds more than one document" }]);
});
