import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LandfallError } from "../../util/errors.ts";
import { commitTree } from "./commit.ts";
import { type Changes, commitChanges } from "./commit-changes.ts";
import { type Fleet, fetchFleet, headOf, openFleet } from "./fleet.ts";
import { entriesAt, readFiles, readFolder, readPaths, readTree } from "./read.ts";
import { git } from "./run.ts";

const author = { name: "landfall", email: "landfall@localhost", date: new Date("2026-01-02T03:04:05Z") };
const first = { "a b/ü": "1", "apps/x.yaml": "x", "parts/p/1.yaml": "one", "parts/p/2.yaml": "two" };
let dir: string;
let fleet: Fleet;
let base: string;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "landfall-changes-"));
  vi.stubEnv("LANDFALL_HOME", join(dir, "home"));
  fleet = await openFleet(join(dir, "fleet.git"));
  const files = new Map(Object.entries(first));
  base = (await commitTree({ repo: fleet.repo, files, message: "first", author })).commit;
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const change = (write: Record<string, string>, more: Partial<Changes> = {}): Changes => ({
  ...{ base, write: Object.entries(write), remove: [], message: "change", author },
  ...more,
});
const textsAt = async (of: Fleet) => {
  const files = await readFiles(of.repo, (await headOf(of.repo)) ?? "");
  return Object.fromEntries([...files].map(([path, data]) => [path, data.toString()]));
};

describe("commitChanges", () => {
  it("writes, removes and copies, and leaves the rest alone", async () => {
    const entries = await entriesAt(fleet.repo, base, ["parts/p", "apps/x.yaml", "apps/no.yaml"]);
    expect([...entries.keys()]).toEqual(["parts/p", "apps/x.yaml"]);
    const copies = [...entries].map(([path, entry]) => [`kept/${path}`, entry] as const);
    const made = await commitChanges(fleet, {
      ...change({ new: "n" }),
      write: [["new", "n"], ...copies],
      remove: ["parts", "apps/x.yaml"],
      trailers: { "Landfall-Release": "r\n1" },
    });
    expect(made).toEqual({ commit: await headOf(fleet.repo) });
    expect(await textsAt(fleet)).toEqual({
      "a b/ü": "1",
      "kept/apps/x.yaml": "x",
      "kept/parts/p/1.yaml": "one",
      "kept/parts/p/2.yaml": "two",
      new: "n",
    });
    expect((await git(fleet.repo, ["log", "-1", "--format=%B"])).stdout.toString()).toBe(
      "change\n\nLandfall-Release: r 1\n\n",
    );
    expect((await git(fleet.repo, ["fsck", "--strict"])).stderr).toBe("");
  });

  it("gives the tree that committing the whole tree gives", async () => {
    const made = await commitChanges(fleet, change({ "apps/x.yaml": "y" }, { remove: ["parts/p/2.yaml"] }));
    const other = await openFleet(join(dir, "other.git"));
    const { "parts/p/2.yaml": _gone, ...rest } = { ...first, "apps/x.yaml": "y" };
    const files = new Map(Object.entries(rest));
    const whole = await commitTree({ repo: other.repo, files, message: "whole", author });
    const tree = (repo: string, of: string) => git(repo, ["rev-parse", `${of}^{tree}`]);
    expect(made).not.toBe("moved");
    const { commit } = made as { commit: string };
    expect((await tree(fleet.repo, commit)).stdout).toEqual((await tree(other.repo, whole.commit)).stdout);
  });

  it("lets one of many writers win, and tells the others", async () => {
    const tries = await Promise.all([1, 2, 3, 4, 5].map((n) => commitChanges(fleet, change({ n: `${n}` }))));
    const won = tries.filter((result) => result !== "moved");
    expect(won).toEqual([{ commit: await headOf(fleet.repo) }]);
    expect((await git(fleet.repo, ["rev-list", "--count", "main"])).stdout.toString().trim()).toBe("2");
    expect(await commitChanges(fleet, change({ late: "1" }))).toBe("moved");
  });
});

describe("commitChanges to a remote", () => {
  it("is won by one of two clones, and the other sees it", async () => {
    const url = `file://${fleet.repo}`;
    const clones = [];
    for (const home of ["one", "two"]) {
      vi.stubEnv("LANDFALL_HOME", join(dir, home));
      clones.push(await openFleet(url));
    }
    const tries = await Promise.all(clones.map((clone, n) => commitChanges(clone, change({ n: `${n}` }))));
    expect(tries.filter((result) => result === "moved")).toHaveLength(1);
    const head = await headOf(fleet.repo);
    expect(tries).toContainEqual({ commit: head });
    for (const clone of clones) {
      await fetchFleet(clone);
      expect(await headOf(clone.repo)).toBe(head);
    }
  });

  it("changes nothing here when the remote refuses", async () => {
    mkdirSync(join(fleet.repo, "hooks"));
    const hook = "#!/bin/sh\necho main is protected >&2\nexit 1\n";
    writeFileSync(join(fleet.repo, "hooks/pre-receive"), hook, { mode: 0o755 });
    const clone = await openFleet(`file://${fleet.repo}`);
    const error = await commitChanges(clone, change({ n: "1" })).catch((thrown: unknown) => thrown);
    if (!(error instanceof LandfallError)) throw error;
    expect(error.problems[0]).toMatchObject({ code: "LF3003", why: expect.stringContaining("pre-receive") });
    expect(await headOf(clone.repo)).toBe(base);
  });
});

it("reads single paths and folders", async () => {
  expect(await readPaths(fleet.repo, base, ["a b/ü", "no", "parts"])).toEqual(new Map([["a b/ü", "1"]]));
  expect([...(await readFolder(fleet.repo, base, "parts/p")).keys()]).toEqual(["1.yaml", "2.yaml"]);
  expect((await readFolder(fleet.repo, base, "nowhere")).size).toBe(0);
  expect([...(await readTree(fleet.repo, base, { folders: true })).keys()]).toContain("parts/p");
});
