import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { git, read, yaml } from "../platform/bulk/testing/company.ts";
import { documentOf, useLandfall } from "./testing/landfall.ts";

const start = useLandfall();

function repository() {
  const { base, landfall } = start();
  writeFileSync(join(base, "landfall.config.yaml"), yaml);
  writeFileSync(join(base, ".gitignore"), "home/\nfleet/\nsecrets/\nlandfall.lock\n");
  git(base, "init", "--quiet");
  git(base, "config", "user.email", "tester@example.com");
  git(base, "config", "user.name", "Tester");
  git(base, "add", "--all");
  git(base, "commit", "--quiet", "-m", "first");
  return { base, landfall };
}

test("set shows old and new, the plan, the commit and how to undo it; the revert restores the same plan", async () => {
  const { base, landfall } = repository();
  expect((await landfall(["build", "--commit"])).code).toBe(0);
  const nothing = await landfall(["plan"]);
  const set = await landfall(["set", "version", "3.3.3", "--where", "team=shop,env=prod"]);
  expect(set.stderr).toBe("next: landfall build --commit\n");
  expect(set.code).toBe(0);
  const head = git(base, "rev-parse", "HEAD").slice(0, 10);
  for (const line of [
    "~ cart  image 1.1.0 → 3.3.3  values/environments/prod.json",
    "spec.template.spec.containers[web].image: ghcr.io/acme/web:1.0.0 → ghcr.io/acme/web:3.3.3",
    "plan: 3 to change on 2 clusters",
    "✔ version 3.3.3: 3 apps changed in 1 file",
    `committed as ${head} · undo: git revert --no-edit ${head}`,
  ])
    expect(set.stdout).toContain(line);
  git(base, "revert", "--no-edit", head);
  expect((await landfall(["plan"])).stdout).toBe(nothing.stdout);
}, 120_000);

test("what the policies refuse is not written", async () => {
  const { base, landfall } = repository();
  const taken = await landfall(["set", "image", "web=ghcr.io/acme/web:1.2", "--dry-run"]);
  expect(taken.stdout).toContain("no plan: the fleet repo has nothing yet to compare with\n");
  const refused = await landfall(["set", "image", "web=ghcr.io/acme/web:latest"]);
  expect(refused).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("LF2005") });
  expect(git(base, "status", "--porcelain")).toBe("");
});

test("set and promote give one JSON document, and a dry run writes nothing", async () => {
  const { base, landfall } = repository();
  const dry = documentOf(await landfall(["set", "env", "A=1", "-w", "app=cart", "--dry-run", "--json"]));
  const change = { app: "cart", file: "values/all.json", values: [{ path: "env.A", from: [], to: "1" }] };
  expect(dry).toMatchObject({ ok: true, apps: 1, dryRun: true, changes: [change] });
  expect(git(base, "status", "--porcelain")).toBe("");
  const set = documentOf(
    await landfall(["set", "version", "2.0.0", "-w", "tier=api,env=staging", "--json", "--no-plan"]),
  );
  expect(set).toMatchObject({ ok: true, apps: 2, commit: git(base, "rev-parse", "HEAD") });
  const promoted = documentOf(
    await landfall(["promote", "staging", "to", "prod", "--where", "team=pay", "--json", "--no-plan"]),
  );
  expect(promoted).toMatchObject({
    apps: 1,
    changes: [{ app: "pay", file: "values/environments/prod.json" }],
  });
  expect(JSON.parse(read(base, "values/environments/prod.json")).apps.pay.image).toBe(
    "ghcr.io/acme/pay:2.0.0",
  );
});

test("in place, the source is what changes, and is said to", async () => {
  const { base, landfall } = repository();
  const set = await landfall(["set", "version", "2.0.0", "-w", "app=cart", "--in-place", "--no-plan"]);
  expect(set).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("~ cart  image 1.1.0 → 2.0.0  in place\n"),
  });
  expect(git(base, "show", "--name-only", "--format=")).toBe("landfall.config.yaml");
  const refused = await landfall(["set", "replicas", "2", "-w", "app=cart", "--in-place", "--no-plan"]);
  expect(refused).toMatchObject({
    code: 2,
    stdout: "",
    stderr: expect.stringContaining("not written there"),
  });
});

test("promote says what is equal, what is ahead and what does not run there", async () => {
  const { landfall } = repository();
  await landfall(["set", "version", "9.0.0", "-w", "app=cart,env=prod", "--no-plan"]);
  const { stdout, code } = await landfall(["promote", "staging", "→", "prod", "--no-plan"]);
  expect(code).toBe(0);
  expect(stdout).toContain("= 2 apps as it is: pay, web");
  expect(stdout).toContain("! 1 app left out, ahead there (--older takes it back):\n  cart  ");
  expect(stdout).toContain("nothing to do: staging → prod");
});

test.each([
  [["set", "version", "1"], /it is not said for which apps/, /--where tier=web,env=prod/],
  [["promote", "staging"], /staging is not one environment and another/, /landfall promote staging prod/],
  [["promote", "staging", "prod", "--with", "volumes"], /--with takes env, config, replicas/, /commas/],
])("%j is wrong usage", async (args, what, fix) => {
  const { landfall } = repository();
  const said = await landfall(args);
  expect(said).toMatchObject({ code: 2, stdout: "" });
  expect(said.stderr).toMatch(what);
  expect(said.stderr).toMatch(fix);
});
