/** Seconds over the number of apps, both logarithmic, as an SVG that stands on its own. */
export interface Line {
  title: string;
  ours: boolean;
  /** [apps, seconds], sorted; a last point that was cut off is `over`. */
  points: [apps: number, seconds: number][];
  over?: [apps: number, seconds: number];
}

const size = { width: 860, height: 560, left: 64, right: 250, top: 56, bottom: 56 };
const colours = ["#b45309", "#d97706", "#7c3aed", "#a855f7", "#0e7490", "#64748b", "#be123c", "#15803d"];

export function plotSvg(lines: Line[], title: string, note: string): string {
  const all = lines.flatMap(({ points, over }) => [...points, ...(over ? [over] : [])]);
  const x = scaleOf(
    all.map(([apps]) => apps),
    size.left,
    size.width - size.right,
  );
  const y = scaleOf(
    all.map(([, seconds]) => seconds),
    size.height - size.bottom,
    size.top,
  );
  const labels = spreadLabels(lines.map((line) => y.at(lastOf(line)[1])));
  const body = lines.map((line, i) => drawLine(line, colourOf(line, lines), x.at, y.at, labels[i] ?? 0));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${size.left}" y="24" font-size="16" font-weight="600" fill="#0f172a">${escaped(title)}</text>`,
    `<text x="${size.left}" y="43" fill="#475569">${escaped(note)}</text>`,
    ...x.ticks.map((apps) => gridLine("x", x.at(apps), apps.toLocaleString("en"))),
    ...y.ticks.map((seconds) => gridLine("y", y.at(seconds), `${seconds} s`)),
    `<text x="${(size.left + size.width - size.right) / 2}" y="${size.height - 12}" text-anchor="middle" fill="#475569">apps (five objects each)</text>`,
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

interface Scale {
  at(value: number): number;
  ticks: number[];
}

/** A logarithmic scale with ticks at 1, 2 and 5 of each power of ten (sizes of the work are ticks too). */
function scaleOf(values: number[], from: number, to: number): Scale {
  const [low, high] = [Math.min(...values) * 0.85, Math.max(...values) * 1.15];
  const at = (value: number) => round(from + ((to - from) * Math.log(value / low)) / Math.log(high / low));
  const powers = [-3, -2, -1, 0, 1, 2, 3, 4, 5].map((power) => 10 ** power);
  const steps = high / low > 500 ? [1] : [1, 2, 5];
  const ticks = powers
    .flatMap((power) => steps.map((step) => Number((step * power).toPrecision(1))))
    .filter((tick) => tick >= low && tick <= high);
  return { at, ticks };
}

function gridLine(axis: "x" | "y", at: number, label: string): string {
  const [right, bottom] = [size.width - size.right, size.height - size.bottom];
  return axis === "x"
    ? `<path d="M${at} ${size.top}V${bottom}" stroke="#e2e8f0"/><text x="${at}" y="${bottom + 20}" text-anchor="middle" fill="#475569">${label}</text>`
    : `<path d="M${size.left} ${at}H${right}" stroke="#e2e8f0"/><text x="${size.left - 8}" y="${at + 4}" text-anchor="end" fill="#475569">${label}</text>`;
}

function drawLine(
  line: Line,
  colour: string,
  x: (value: number) => number,
  y: (value: number) => number,
  label: number,
): string {
  const [width, weight] = line.ours ? [3, 600] : [1.75, 400];
  const place = ([apps, seconds]: [number, number]) => `${x(apps)} ${y(seconds)}`;
  const path = `<path d="M${line.points.map(place).join("L")}" fill="none" stroke="${colour}" stroke-width="${width}"/>`;
  const dots = line.points.map(
    ([apps, seconds]) => `<circle cx="${x(apps)}" cy="${y(seconds)}" r="${width + 1}" fill="${colour}"/>`,
  );
  const last = line.points.at(-1);
  const cut =
    line.over && last
      ? `<path d="M${place(last)}L${place(line.over)}" stroke="${colour}" stroke-width="${width}" stroke-dasharray="4 4"/>`
      : "";
  const [endX, endY] = [x(lastOf(line)[0]), y(lastOf(line)[1])];
  const value = line.over ? `> ${line.over[1]} s` : `${last?.[1].toPrecision(2)} s`;
  const lead = `<path d="M${endX + 6} ${endY}L${endX + 20} ${label}" stroke="${colour}" stroke-width="0.75"/>`;
  const text = `<text x="${endX + 24}" y="${label + 4}" fill="${colour}" font-weight="${weight}">${escaped(`${line.title} ${value}`)}</text>`;
  return [path, cut, ...dots, lead, text].join("");
}

function lastOf({ points, over }: Line): [number, number] {
  return over ?? points.at(-1) ?? [1, 1];
}

function colourOf(line: Line, lines: Line[]): string {
  if (line.ours) return lines.indexOf(line) === 0 ? "#1d4ed8" : "#3b82f6";
  const peers = lines.filter(({ ours }) => !ours);
  return colours[peers.indexOf(line) % colours.length] as string;
}

/** Heights near the wanted ones, at least a line of text apart. */
function spreadLabels(wanted: number[]): number[] {
  const gap = 17;
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0));
  const result = [...wanted];
  let floor = -Infinity;
  for (const i of order) {
    floor = Math.max(wanted[i] ?? 0, floor + gap);
    result[i] = round(floor);
  }
  const excess = floor - (size.height - size.bottom);
  return excess > 0 ? result.map((at) => round(at - excess / 2)) : result;
}

const round = (value: number) => Math.round(value * 10) / 10;
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
