/** The tag of an image as numbers, when it reads as a version: `registry/web:v1.12.3-rc.1` is 1, 12, 3 and `rc.1`. */
function versionOf(image: string): { name: string; numbers: number[]; pre: string } | undefined {
  const [, name = "", digits, pre = ""] =
    image.match(/^(.*):v?(\d+(?:\.\d+)*)(?:-([\w.-]+))?(?:@.*)?$/) ?? [];
  return digits === undefined ? undefined : { name, numbers: digits.split(".").map(Number), pre };
}

/** Whether an image is a newer version of the other, as far as their tags tell; a pre-release comes before its release. */
export function isNewer(image: string, other: string): boolean {
  const [a, b] = [versionOf(image), versionOf(other)];
  if (!a || !b || a.name !== b.name) return false;
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i++) {
    const step = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (step !== 0) return step > 0;
  }
  if (a.pre === "" || b.pre === "") return a.pre === "" && b.pre !== "";
  return a.pre.localeCompare(b.pre, "en", { numeric: true }) > 0;
}
