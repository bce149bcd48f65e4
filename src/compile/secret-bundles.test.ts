import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { setSecret } from "../secrets/index.ts";
import { readIdentities } from "../secrets/keys.ts";
import { decryptDocument } from "../secrets/sops.ts";
import { useFolders } from "../secrets/testing.ts";
import { compile } from "./index.ts";
import { yaml } from "./testing/declare.ts";
import { smallRegistry } from "./testing/registry.ts";

const folders = useFolders();
const declaration = yaml(
  "  web: { image: nginx:1.27, env: { KEY: { secret: stripe } } }\n",
  "secrets: { stripe: { generate: 32 } }",
);

/** The Secret's name as the pods have it and as its manifest has it. */
async function names(make: boolean) {
  writeFileSync(join(folders.dir, "landfall.config.yaml"), declaration);
  const plan = await compile(folders.dir, {
    registry: smallRegistry,
    ...(make && { onSecretsMade: () => undefined }),
  });
  const bundles = plan.clusters[0]?.bundles ?? [];
  const deployment = bundles.flatMap(({ objects }) => objects).find(({ kind }) => kind === "Deployment");
  const text = bundles.find(({ kind }) => kind === "secrets")?.files["stripe.yaml"];
  const used = /"secretKeyRef":\{"name":"([^"]+)"/.exec(JSON.stringify(deployment))?.[1];
  return { used, text, annotations: JSON.stringify(deployment).includes("landfall.dev/secrets-hash") };
}

it("names a Secret by its ciphertext, so that pods wait for the value they are meant for", async () => {
  const fresh = await names(false);
  expect(fresh).toEqual({ used: "stripe", text: undefined, annotations: false });

  const first = await names(true);
  expect(first.used).toMatch(/^stripe-[0-9a-f]{8}$/);
  const manifest = parse(first.text ?? "") as object;
  expect(manifest).toMatchObject({ metadata: { name: first.used, namespace: "shop" } });
  const clear = await decryptDocument(first.text ?? "", readIdentities(), "stripe.yaml");
  expect(clear).toMatchObject({ stringData: { value: expect.stringMatching(/^.{32}$/) } });
  expect(await names(true)).toEqual(first);

  await setSecret(folders.dir, "stripe", { values: { value: "another" } });
  const second = await names(true);
  expect(second.used).toMatch(/^stripe-[0-9a-f]{8}$/);
  expect(second.used).not.toBe(first.used);
});
