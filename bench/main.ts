/** `npm run bench -- NAME [options]`: measure, and write the figures to bench/results/. */
const benches: Record<string, () => Promise<{ run: (args: string[]) => Promise<void> }>> = {
  compile: () => import("./compile/main.ts"),
  release: () => import("./release/main.ts"),
  up: () => import("./up.ts"),
};

const [name = "", ...args] = process.argv.slice(2);
const load = benches[name];
if (load) await (await load()).run(args);
else {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join("|")}`);
  process.exitCode = 2;
}
