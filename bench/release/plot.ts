const size = { width: 860, height: 420, left: 56, right: 24, top: 48, bottom: 48 };

/** The share of releases that are through over time, a line a run, as an SVG that stands on its own. */
export function curvesSvg(runs: readonly (readonly number[])[], releases: number): string {
  const limit = 60;
  const longest = Math.max(limit, ...runs.flat()) * 1.05;
  const x = (seconds: number) =>
    round(size.left + ((size.width - size.left - size.right) * seconds) / longest);
  const y = (share: number) =>
    round(size.height - size.bottom - (size.height - size.top - size.bottom) * share);
  const lines = runs.map((seconds) => {
    const sorted = seconds.toSorted((a, b) => a - b);
    const steps = sorted.map((at, i) => `H${x(at)}V${y((i + 1) / releases)}`).join("");
    return `<path d="M${x(0)} ${y(0)}${steps}" fill="none" stroke="#1d4ed8" stroke-width="2" opacity="0.75"/>`;
  });
  const [right, bottom] = [size.width - size.right, size.height - size.bottom];
  const ticks = Array.from({ length: Math.floor(longest / 10) + 1 }, (_, i) => i * 10);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${size.left}" y="26" font-size="16" font-weight="600" fill="#0f172a">${releases} releases at once: how many are through</text>`,
    ...ticks.map(
      (at) =>
        `<path d="M${x(at)} ${size.top}V${bottom}" stroke="#e2e8f0"/>${label(x(at), bottom + 20, "middle", `${at} s`)}`,
    ),
    ...[0, 0.25, 0.5, 0.75, 0.9, 1].map(
      (share) =>
        `<path d="M${size.left} ${y(share)}H${right}" stroke="#e2e8f0"/>${label(size.left - 8, y(share) + 4, "end", `${share * 100} %`)}`,
    ),
    ...lines,
    `<path d="M${x(limit)} ${y(0.9)}m-6 0h12m-6 -6v12" stroke="#be123c" stroke-width="2"/>${label(x(limit) - 10, y(0.9) + 18, "end", "target")}`,
    "</svg>",
    "",
  ].join("\n");
}

function label(x: number, y: number, anchor: string, text: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#475569">${text}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;
