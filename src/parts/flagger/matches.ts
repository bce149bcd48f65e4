import type { AnalysedRelease } from "../../kit/index.ts";

type Match = Extract<AnalysedRelease, { strategy: "abTest" }>["analysis"]["match"][number];

/** Which requests the new version answers. Gateway API knows headers alone, so a cookie is a pattern of that header. */
export function headerMatches({ headers, cookie }: Match): object {
  const entries = Object.entries(headers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([header, value]) => [header, typeof value === "string" ? { exact: value } : value]);
  const cookies = cookie
    ? [["cookie", { regex: `^(.*;\\s*)?${literal(cookie.name)}=${literal(cookie.value)}(;.*)?$` }]]
    : [];
  return { headers: Object.fromEntries([...entries, ...cookies]) };
}

const literal = (text: string) => text.replaceAll(/[.\\]/g, "\\$&");
