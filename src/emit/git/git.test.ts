import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LandfallError } from "../../util/errors.ts";
import { blobId } from "../../util/hash.ts";
import { type CommitOptions, commitTree } from "./commit.ts";
import { type Fleet, fetchFleet, fleetRepository, headOf, openFleet } from "./fleet.ts";
import { pushFleet } from "./push.ts";
import { readFiles, readTree } from "./read.ts";
import { git, withoutPassword } from "./run.ts";

const author = { name: "landfall", email: "landfall@localhost", date: new Date("2026-01-02T03:04:05Z") };
let dir: string;
let fleet: Fleet;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "landfall-git-"));
  vi.stubEnv("LANDFALL_HOME", join(dir, "home"));
  fleet = await openFleet(join(dir, "fleet.git"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const commit = (files: Record<string, string | Uint8Array>, more: Partial<CommitOptions> = {}) =>
  commitTree({ repo: fleet.repo, files: new Map(Object.entries(files)), message: "test", author, ...more });

const codeOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LandfallError)) throw error ?? new Error("nothing was thrown");
  return error.problems[0];
};

describe("commitTree", () => {
  it("makes the tree exactly, whatever names and bytes it holds", async () => {
    const odd = {
      'a b/ü"\\.yaml': "1",
      "bin.dat": new Uint8Array([0, 255, 10, 0]),
      empty: "",
      "x/y/z": "z\n",
    };
    const { commit: head } = await commit(odd, { trailers: { "Landfall-Source": "abc\ndef" } });
    expect(await headOf(fleet.repo)).toBe(head);
    const read = await readFiles(fleet.repo, head);
    expect(new Map([...read].map(([path, data]) => [path, [...data]]))).toEqual(
      new Map(Object.entries(odd).map(([path, data]) => [path, [...Buffer.from(data)]])),
    );
    const shown = await git(fleet.repo, ["log", "-1", "--format=%an <%ae> %cI%n%B"]);
    expect(shown.stdout.toString()).toBe(
      "landfall <landfall@localhost> 2026-01-02T03:04:05+00:00\ntest\n\nLandfall-Source: abc def\n\n",
    );
    expect((await git(fleet.repo, ["fsck", "--strict"])).stderr).toBe("");
  });

  it("commits nothing when the tree is the same, and the same id for the same input", async () => {
    const first = await commit({ a: "1", "b/c": "2" });
    expect(await commit({ "b/c": "2", a: "1" })).toEqual({
      commit: first.commit,
      parent: first.commit,
      written: 0,
      removed: 0,
    });
    const other = await openFleet(join(dir, "other.git"));
    const again = await commitTree({
      repo: other.repo,
      files: new Map([
        ["b/c", "2"],
        ["a", "1"],
      ]),
      message: "test",
      author,
    });
    expect(again.commit).toBe(first.commit);
  });

  it("removes what is gone and lets files and folders change places", async () => {
    await commit({ a: "file", "b/x": "1", "b/y": "2", keep: "k" });
    const next = await commit({ "a/inner": "1", b: "file", keep: "k" });
    expect(next).toMatchObject({ written: 2, removed: 3 });
    expect([...(await readTree(fleet.repo, next.commit)).keys()].sort()).toEqual(["a/inner", "b", "keep"]);
    const emptied = await commit({});
    expect((await readTree(fleet.repo, emptied.commit)).size).toBe(0);
  });

  it("refuses a moved base and leaves the branch alone", async () => {
    const first = await commit({ a: "1" });
    const second = await commit({ a: "2" });
    const problem = await codeOf(commit({ a: "3" }, { base: first.commit }));
    expect(problem).toMatchObject({ code: "LF3003", fix: expect.stringContaining("again") });
    expect(await headOf(fleet.repo)).toBe(second.commit);
  });

  it("lets exactly one of many writers at a time win, and loses no commit", async () => {
    const base = (await commit({ a: "0" })).commit;
    const tries = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => commit({ a: `${n}` }, { base })));
    const won = tries.filter((t) => t.status === "fulfilled");
    expect(won).toHaveLength(1);
    expect(await headOf(fleet.repo)).toBe(won[0]?.value.commit);
    for (const lost of tries.filter((t) => t.status === "rejected")) {
      expect(lost.reason.problems[0].code).toBe("LF3003");
    }
    expect((await git(fleet.repo, ["rev-list", "--count", "main"])).stdout.toString().trim()).toBe("2");
  });

  it("goes on after a writer was killed, also when it left the branch locked", async () => {
    const first = await commit({ a: "1" });
    const child = spawn("git", ["-C", fleet.repo, "fast-import", "--quiet"], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin.write("blob\ndata 5\nhello\ncommit refs/heads/main\ncommitter a <b> 1 +0000\ndata 1\nx\n");
    await new Promise((done) => setTimeout(done, 100));
    child.kill("SIGKILL");
    await new Promise((done) => child.once("exit", done));
    expect(await headOf(fleet.repo)).toBe(first.commit);
    const lock = join(fleet.repo, "refs/heads/main.lock");
    writeFileSync(lock, "");
    const old = new Date(Date.now() - 60_000);
    utimesSync(lock, old, old);
    const second = await commit({ a: "2" });
    expect(await headOf(fleet.repo)).toBe(second.commit);
    expect(existsSync(lock)).toBe(false);
    expect((await git(fleet.repo, ["for-each-ref", "--format=%(refname)"])).stdout.toString()).toBe(
      "refs/heads/main\n",
    );
  });

  it("does not let the user's Git set-up change a byte", async () => {
    const hooks = join(dir, "hooks");
    const config = join(dir, "gitconfig");
    mkdirSync(hooks);
    writeFileSync(join(hooks, "reference-transaction"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    writeFileSync(
      config,
      `[core]\nhooksPath = ${hooks}\nautocrlf = true\n[commit]\ngpgsign = true\n[init]\ndefaultBranch = trunk\ndefaultObjectFormat = sha256\n`,
    );
    vi.stubEnv("GIT_CONFIG_GLOBAL", config);
    vi.stubEnv("GIT_DIR", join(dir, "elsewhere"));
    vi.stubEnv("GIT_AUTHOR_NAME", "somebody else");
    fleet = await openFleet(join(dir, "second.git"));
    const { commit: head } = await commit({ a: "line\r\n" });
    expect((await readTree(fleet.repo, head)).get("a")?.oid).toBe(blobId(Buffer.from("line\r\n")));
    expect((await git(fleet.repo, ["log", "-1", "--format=%an"])).stdout.toString()).toBe("landfall\n");
  });
});

describe("openFleet", () => {
  it("makes a bare repository, opens it again, and refuses what is something else", async () => {
    expect(readFileSync(join(fleet.repo, "HEAD"), "utf8")).toBe("ref: refs/heads/main\n");
    expect(existsSync(join(fleet.repo, "hooks"))).toBe(false);
    expect(await openFleet(fleet.repo)).toEqual(fleet);
    mkdirSync(join(dir, "full"));
    writeFileSync(join(dir, "full/file"), "");
    expect(await codeOf(openFleet(join(dir, "full")))).toMatchObject({ code: "LF3001" });
    await git(dir, ["init", "--quiet", "checkout"]);
    expect(await codeOf(openFleet(join(dir, "checkout")))).toMatchObject({
      code: "LF3001",
      fix: expect.stringContaining("--bare"),
    });
  });

  it("gives git's message when the repository is damaged", async () => {
    const { commit: head } = await commit({ a: "1" });
    rmSync(join(fleet.repo, "objects", head.slice(0, 2), head.slice(2)));
    expect(await codeOf(commit({ a: "2" }))).toMatchObject({
      code: "LF3002",
      why: expect.stringMatching(/\w/),
    });
  });
});

describe("a remote fleet", () => {
  it("is mirrored, pushed with a lease, and refuses a moved branch", async () => {
    const url = `file://${fleet.repo}`;
    const mirror = await openFleet(url);
    const first = await commitTree({
      repo: mirror.repo,
      files: new Map([["a", "1"]]),
      message: "one",
      author,
    });
    await pushFleet(mirror, { commit: first.commit, base: undefined });
    expect(await headOf(fleet.repo)).toBe(first.commit);

    const theirs = await commit({ a: "theirs" });
    const ours = await commitTree({
      repo: mirror.repo,
      files: new Map([["a", "2"]]),
      message: "two",
      author,
    });
    const problem = await codeOf(pushFleet(mirror, { commit: ours.commit, base: first.commit }));
    expect(problem?.code).toBe("LF3003");
    expect(await headOf(fleet.repo)).toBe(theirs.commit);

    expect(await fetchFleet(mirror)).toBe(theirs.commit);
    const retry = await commitTree({
      repo: mirror.repo,
      files: new Map([["a", "2"]]),
      message: "two",
      author,
    });
    await pushFleet(mirror, { commit: retry.commit, base: theirs.commit });
    expect(await headOf(fleet.repo)).toBe(retry.commit);
  });

  it("follows a branch that is not main, from two clones in turn", async () => {
    const url = `file://${fleet.repo}`;
    const branch = "prod";
    const push = async (home: string, text: string) => {
      vi.stubEnv("LANDFALL_HOME", join(dir, home));
      const clone = await openFleet(url, branch);
      expect(fleetRepository(url)).toBe(clone.repo);
      const files = new Map([["a", text]]);
      const made = await commitTree({ repo: clone.repo, branch, files, message: text, author });
      await pushFleet(clone, { branch, commit: made.commit, base: made.parent });
      return made;
    };
    const first = await push("home-a", "one");
    const second = await push("home-b", "two");
    expect(second.parent).toBe(first.commit);
    const third = await push("home-a", "three");
    expect(third.parent).toBe(second.commit);
    expect(await headOf(fleet.repo, branch)).toBe(third.commit);
    expect(await headOf(fleet.repo)).toBeUndefined();
    expect(fleetRepository(fleet.repo)).toBe(fleet.repo);
  });

  it("shows what a protected branch answers, and no password", async () => {
    mkdirSync(join(fleet.repo, "hooks"));
    writeFileSync(join(fleet.repo, "hooks/pre-receive"), "#!/bin/sh\necho main is protected >&2\nexit 1\n", {
      mode: 0o755,
    });
    const mirror = await openFleet(`file://${fleet.repo}`);
    const made = await commitTree({
      repo: mirror.repo,
      files: new Map([["a", "1"]]),
      message: "one",
      author,
    });
    const problem = await codeOf(pushFleet(mirror, { commit: made.commit, base: undefined }));
    expect(problem).toMatchObject({ code: "LF3003", why: expect.stringContaining("pre-receive") });
    expect(withoutPassword("to https://me:token@git.example/x")).toBe("to https://git.example/x");
  });
});

it("commits a change of one file among 10,000 without rewriting the rest", { timeout: 60_000 }, async () => {
  const files = new Map<string, string>();
  for (let n = 0; n < 10_000; n++)
    files.set(`apps/app-${n % 500}/base/file-${n}.yaml`, `kind: X\nvalue: ${n}\n`.repeat(20));
  const t0 = performance.now();
  const first = await commitTree({ repo: fleet.repo, files, message: "many", author });
  const t1 = performance.now();
  files.set("apps/app-7/base/file-7.yaml", "changed");
  const second = await commitTree({ repo: fleet.repo, files, message: "one", author });
  const t2 = performance.now();
  expect(first.written).toBe(10_000);
  expect(second.written).toBe(1);
  if (process.env.LANDFALL_TEST_FIGURES) {
    process.stderr.write(`10,000 files: ${Math.round(t1 - t0)} ms, one changed: ${Math.round(t2 - t1)} ms\n`);
  }
});
