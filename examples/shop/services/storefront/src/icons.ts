type Art = { readonly hue: number; readonly path: string };

const anchor: Art = {
  hue: 215,
  path: "M24 14v26M16 22h16M10 30c1 7 7 10 14 10s13-3 14-10M24 14a4 4 0 1 0 0-8 4 4 0 0 0 0 8z",
};

/** One line drawing (on 48 × 48) and colour for each of the catalog's categories. */
const art: Readonly<Record<string, Art>> = {
  Navigation: {
    hue: 205,
    path: "M24 6a18 18 0 1 0 0 36 18 18 0 0 0 0-36zM31 17l-4 10-10 4 4-10zM24 6v3M24 39v3M6 24h3M39 24h3",
  },
  Lighting: {
    hue: 38,
    path: "M17 16h14l3 20H14zM12 36h24v5H12zM18 16c0-8 12-8 12 0M24 4v4M24 32c-6-3-2-7 0-11 2 4 6 8 0 11z",
  },
  Rope: {
    hue: 22,
    path: "M24 24m-16 0a16 16 0 1 0 32 0 16 16 0 1 0-32 0M24 24m-11 0a11 11 0 1 0 22 0 11 11 0 1 0-22 0M24 24m-6 0a6 6 0 1 0 12 0 6 6 0 1 0-12 0M38 31l5 11",
  },
  Galley: {
    hue: 158,
    path: "M9 19h24v16a6 6 0 0 1-6 6H15a6 6 0 0 1-6-6zM33 22h4a5 5 0 0 1 0 12h-4M16 13c-3-4 3-5 0-9M25 13c-3-4 3-5 0-9",
  },
  Weather: {
    hue: 48,
    path: "M17 9l-9 7-2 21h7l2-14v18h18V23l2 14h7l-2-21-9-7c-2 6-12 6-14 0zM24 14v27M28 24h4M28 32h4",
  },
  Library: {
    hue: 345,
    path: "M24 13c-5-4-11-5-17-4v28c6-1 12 0 17 4 5-4 11-5 17-4V9c-6-1-12 0-17 4zM24 13v28M12 17c3 0 5 0 7 2M12 24c3 0 5 0 7 2M36 17c-3 0-5 0-7 2M36 24c-3 0-5 0-7 2",
  },
};

/** An inline SVG for the category, the anchor for one without a drawing of its own. */
export function icon(category: string): string {
  const { path } = art[category] ?? anchor;
  return `<svg viewBox="0 0 48 48" aria-hidden="true"><path d="${path}"/></svg>`;
}

/** The category's colour as a hue in degrees. */
export function hue(category: string): number {
  return (art[category] ?? anchor).hue;
}
