/** Finds or builds every program that the shop's cluster and tests run, so that none is skipped for want of one. */
import { fileURLToPath } from "node:url";
import { compile } from "../src/compile/index.ts";
import { findBinary } from "../src/embedded/binaries/find.ts";
import { registry } from "../src/parts/index.ts";
import { preparePrograms } from "../src/platform/images.ts";

const plan = await compile(fileURLToPath(new URL("../examples/shop", import.meta.url)), { registry });
let said = 0;
const say = (line: string) => {
  if (performance.now() - said < 5000) return;
  said = performance.now();
  console.log(`· ${line}`);
};
const { signal } = new AbortController();
console.log(await preparePrograms(plan, { say, signal, modes: ["pods", "simulated"] }));
for (const name of [
  "helm",
  "sops",
  "kubeconform",
  "kube-score",
  "promtool",
  "actionlint",
  "external-dns",
  "loadtester",
  "hey",
]) {
  const { path } = await findBinary(name, { onProgress: say, signal });
  console.log(`${name}: ${path}`);
}
