/**
 * What a plain YAML scalar is for Kubernetes. Its reader (sigs.k8s.io/yaml over go.yaml.in/yaml/v2) knows YAML 1.1 with
 * rules of its own: `yes` and `on` are booleans, `0644` and `0o644` are octal, `089` is a float, `1:30` and dates stay
 * text. Proven against a real API server in `src/platform/import-live.system.test.ts`.
 */

const words = new Map<string, boolean | null | number>([
  ...["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"].map((w) => [w, true] as const),
  ...["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"].map(
    (w) => [w, false] as const,
  ),
  ...["", "~", "null", "Null", "NULL"].map((w) => [w, null] as const),
]);

const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const integers: [RegExp, number][] = [
  [/^([-+]?)0[xX]([0-9a-fA-F]+)$/, 16],
  [/^([-+]?)0[bB]([01]+)$/, 2],
  [/^([-+]?)0[oO]?([0-7]+)$/, 8],
  [/^([-+]?)(0|[1-9][0-9]*)$/, 10],
];

/** The value of a plain scalar; text where it is nothing else. */
export function kubernetesScalar(text: string): string | number | boolean | null {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (text.startsWith(".")) return float.test(text) ? Number(text) : text;
  if (!/^[-+0-9]/.test(text)) return text;
  return numberOf(text.replaceAll("_", "")) ?? text;
}

function numberOf(text: string): number | undefined {
  for (const [pattern, base] of integers) {
    const [, sign, digits = ""] = pattern.exec(text) ?? [];
    // `-0` is the integer 0.
    if (sign !== undefined) return (sign === "-" ? -1 : 1) * Number.parseInt(digits, base) + 0;
  }
  return float.test(text) ? Number(text) : undefined;
}
