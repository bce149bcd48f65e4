import type { GateSeen } from "../../release/observed.ts";

/** One value of an instant query, with the labels that tell it from others. */
export interface Sample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

export interface Limits {
  min?: number | undefined;
  max?: number | undefined;
}

export type Judgement = Pick<GateSeen, "result" | "value" | "limit">;

/**
 * Whether every sample is within the limits. No samples, and values that are no numbers, are no data: the gate waits.
 * `value` is the sample that decides: the one furthest out, else the one nearest to a limit.
 */
export function judge(samples: readonly Sample[], limits: Limits): Judgement {
  const limit = limitText(limits);
  const wrong = samples.filter(({ value }) => !isWithin(value, limits) && !Number.isNaN(value));
  const worst = (some: readonly Sample[]) =>
    some.toSorted((a, b) => strain(b, limits) - strain(a, limits))[0];
  const failed = worst(wrong);
  if (failed) return { result: "fails", value: sampleText(failed), limit };
  const empty = samples.find(({ value }) => Number.isNaN(value));
  if (empty) return { result: "waits", value: sampleText(empty), limit };
  const telling = worst(samples);
  return telling
    ? { result: "holds", value: sampleText(telling), limit }
    : { result: "waits", value: "no data", limit };
}

function isWithin(value: number, { min = -Infinity, max = Infinity }: Limits): boolean {
  return value >= min && value <= max;
}

/** How near a value is to a limit, and beyond it: the larger, the worse. */
function strain({ value }: Sample, { min, max }: Limits): number {
  const distances = [
    max === undefined ? -Infinity : value - max,
    min === undefined ? -Infinity : min - value,
  ];
  return Math.max(...distances);
}

/** `≤ 0.01`, `≥ 5`, or `5 to 10`. */
export function limitText({ min, max }: Limits): string {
  if (min !== undefined && max !== undefined) return `${number(min)} to ${number(max)}`;
  return max !== undefined ? `≤ ${number(max)}` : `≥ ${number(min ?? -Infinity)}`;
}

function sampleText({ labels, value }: Sample): string {
  const { __name__: _, ...own } = labels;
  const named = Object.entries(own).map(([key, text]) => `${key}="${text}"`);
  return Number.isNaN(value) ? `no number${braces(named)}` : `${number(value)}${braces(named)}`;
}

function braces(named: string[]): string {
  return named.length > 0 ? ` {${named.join(",")}}` : "";
}

/** As short as says enough: four digits that count. */
export function number(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
