const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A duration such as `90s` or `2d` in milliseconds. Its form must have been checked. */
export function milliseconds(duration: string): number {
  const [, count = "0", unit = "ms"] = /^(\d+)(ms|[smhdw])$/.exec(duration) ?? [];
  return Number(count) * units[unit as keyof typeof units];
}
