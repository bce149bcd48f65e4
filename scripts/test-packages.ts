import { installPackages, missingPackages, type PackageNeed } from "../src/embedded/packages.ts";

/** Debian packages that only the tests need, beside those of the cluster. */
const testPackages: PackageNeed[] = [
  {
    name: "redis-server",
    program: "redis-server",
    daemon: "redis-server",
    why: "the cart's tests keep carts in a real Redis",
  },
  {
    name: "python3-venv",
    paths: ["/usr/lib/python3.11/ensurepip"],
    why: "the catalog's tests have an environment of their own",
  },
];

/** Install what the whole gate needs, when root; what cannot be installed is said, and its tests say it again. */
export async function installTestPackages(): Promise<void> {
  const say = (line: string) => process.stdout.write(`· ${line}\n`);
  if (process.getuid?.() === 0) await installPackages(say, testPackages);
  else for (const { name, why } of missingPackages(testPackages)) say(`missing: ${name} (${why})`);
}
