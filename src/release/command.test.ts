import { describe, expect, it } from "vitest";
import { formatProblem } from "../util/errors.ts";
import { type Command, command } from "./command.ts";
import type { Release } from "./release.ts";
import { exampleRelease } from "./testing/example.ts";
import { iso } from "./time.ts";

const at = Date.parse(exampleRelease().startedAt) + 60_000;

function told(releases: Release[], id: string, asked: Command, by = "ann"): string {
  const answer = command(releases, id, asked, { by, at });
  return "code" in answer ? formatProblem(answer) : answer.kind;
}

const proven = exampleRelease({
  phase: "running",
  provenAt: iso(at),
  clusters: { eu: { state: "updated", since: iso(at) }, us: { state: "waiting", since: iso(at) } },
});
const log = [{ step: 1, at: iso(at), action: "start", wave: 0 }];

describe("what people ask for", () => {
  it("names the release that was meant", () => {
    expect(told([proven], "shop-3", { kind: "pause" })).toMatchInlineSnapshot(`
      "error LF4020: there is no release shop-3
        why the newest are shop-2
        fix did you mean shop-2?"
    `);
    expect(told([], "shop-3", { kind: "pause" })).toContain("the fleet repo has no release");
  });

  it("approves once, by those who may, and not before there is something to judge", () => {
    expect(told([proven], "shop-2", { kind: "approve" })).toBe("approve");
    expect(told([proven], "shop-2", { kind: "approve", gate: "yes" })).toBe("approve");
    expect(told([proven], "shop-2", { kind: "approve" }, "eve")).toMatchInlineSnapshot(`
      "error LF4023: eve may not approve yes of shop-2
        why those who may: ann, bob
        fix ask one of them, or sign as the right person (git config user.email)"
    `);
    const twice = { ...proven, approvals: [{ wave: 0, gate: "yes", by: "ann", at: iso(at) }] };
    const two = {
      ...twice,
      waves: proven.waves.map((wave) => ({
        ...wave,
        gates: [{ id: "yes", type: "approval" as const, count: 2 }],
      })),
    };
    expect(told([two], "shop-2", { kind: "approve" })).toContain("yes asks for 2 different people");
    expect(told([twice], "shop-2", { kind: "approve" })).toContain(
      "wave first of shop-2 waits for no approval",
    );
    expect(told([proven], "shop-2", { kind: "approve", gate: "no" })).toContain("its approvals are yes");
    const { provenAt: _, ...early } = proven;
    expect(told([early], "shop-2", { kind: "approve" })).toMatchInlineSnapshot(`
      "error LF4024: wave first of shop-2 cannot be approved yet
        why some of its clusters are not proven to serve the new version, so there is nothing to judge
        fix wait until landfall release status shop-2 shows them all updated"
    `);
  });

  it("says what keeps a command from being done", () => {
    const over = exampleRelease({ phase: "rolledBack", reason: "eu: canary shop/shop: Failed" });
    expect(told([over], "shop-2", { kind: "resume" })).toMatchInlineSnapshot(`
      "error LF4022: cannot resume shop-2: it was rolled back
        why eu: canary shop/shop: Failed
        fix landfall release start makes a new one"
    `);
    expect(told([proven], "shop-2", { kind: "acknowledge" })).toContain(
      "LF4022: cannot acknowledge shop-2: it is running",
    );
    expect(told([over], "shop-2", { kind: "acknowledge" }, "eve")).toContain(
      "LF4023: eve may not acknowledge shop-2",
    );
    expect(told([{ ...proven, phase: "returning" }], "shop-2", { kind: "abort" })).toContain("is going back");
  });

  it("rolls back what has a last good version alone", () => {
    expect(told([proven], "shop-2", { kind: "rollback" })).toBe("rollback");
    expect(told([exampleRelease()], "shop-2", { kind: "rollback" })).toMatchInlineSnapshot(`
      "error LF4025: cannot roll back shop-2: it waits for its turn
        why no cluster has its version, so there is no last good version to go back to
        fix landfall release abort shop-2"
    `);
    const done = { ...proven, phase: "succeeded" as const, log };
    const later = [{ step: 1, at: iso(at + 1), action: "start", wave: 0 }];
    const next = exampleRelease({ id: "shop-3", phase: "succeeded", log: later });
    expect(told([done, next], "shop-2", { kind: "rollback" })).toMatchInlineSnapshot(`
      "error LF4025: cannot roll back shop-2
        why shop-3 has moved the same since; what came before shop-2 is not its last good version
        fix landfall release rollback shop-3"
    `);
    expect(told([done, next], "shop-3", { kind: "rollback" })).toBe("rollback");
  });

  it("aborts one that waits for its turn without touching what clusters read", () => {
    const answer = command([exampleRelease()], "shop-2", { kind: "abort" }, { by: "ann", at });
    expect(answer).toMatchObject({
      release: { phase: "aborted", settled: true },
      pointers: [],
      settle: undefined,
    });
  });

  it("signs each step", () => {
    const answer = command([proven], "shop-2", { kind: "pause" }, { by: "ann", at });
    expect(answer).toMatchObject({
      release: { step: 1, pausedFor: "person", log: [{ action: "pause", by: "ann" }] },
    });
  });
});
