/** Candidates for a lease on a real API server: one works, and none is ever needed for safety. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { hasApiServer } from "../cluster/testing/api-server.ts";
import { useApiServer } from "../cluster/testing/use-api-server.ts";
import { type LeaseOptions, whileLeading } from "./lease.ts";

const namespace = "release-engine";
const gvk = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
const timing = { durationMs: 3000, retryMs: 200 };

describe.skipIf(!hasApiServer())("a lease", { timeout: 300_000 }, () => {
  const api = useApiServer();
  const running: { stop: () => Promise<void> }[] = [];
  beforeAll(() => api.client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } }));
  afterEach(async () => {
    await Promise.all(running.splice(0).map(({ stop }) => stop()));
  });

  /** A candidate whose work is to be there. `works` tells whether it is at it, `spells` how often it began. */
  function candidate(name: string, identity: string, more: Partial<LeaseOptions> = {}) {
    const abort = new AbortController();
    const state = { works: false, spells: 0 };
    const options = {
      client: api.client,
      namespace,
      name,
      identity,
      signal: abort.signal,
      ...timing,
      ...more,
    };
    const ended = whileLeading(options, async (signal) => {
      state.works = true;
      state.spells += 1;
      await new Promise((done) => signal.addEventListener("abort", done, { once: true }));
      state.works = false;
    });
    const stop = async () => {
      abort.abort();
      await ended;
    };
    running.push({ stop });
    return { state, stop };
  }

  const holder = async (name: string) =>
    ((await api.client.get(gvk, name, namespace))?.spec as { holderIdentity?: string } | undefined)
      ?.holderIdentity;
  const until = (holds: () => void | Promise<void>, timeout = 60_000) =>
    vi.waitFor(holds, { timeout, interval: 50 });

  test("of two that begin at once one works, and the other as soon as that one ends", async () => {
    const both = [candidate("pair", "a"), candidate("pair", "b")];
    await until(() => expect(both.some(({ state }) => state.works)).toBe(true));
    // Many looks later it is still one, and the same.
    await sleep(2500);
    expect(both.map(({ state }) => state.spells).sort()).toEqual([0, 1]);
    const [first, second] = both[0]?.state.works ? both : both.toReversed();
    await first?.stop();
    // Given up, not run out.
    expect(await holder("pair")).not.toBe(first === both[0] ? "a" : "b");
    await until(() => expect(second?.state.works).toBe(true));
    expect(await holder("pair")).toBe(second === both[1] ? "b" : "a");
  });

  test("one that was killed is followed when its time is over, whatever its clock said", async () => {
    const spec = {
      holderIdentity: "dead",
      leaseDurationSeconds: 2,
      renewTime: "2099-01-01T00:00:00.000000Z",
      leaseTransitions: 4,
    };
    await api.client.apply({ ...gvk, metadata: { name: "killed", namespace }, spec });
    const began = performance.now();
    const { state } = candidate("killed", "heir");
    await until(() => expect(state.works).toBe(true));
    expect(performance.now() - began).toBeGreaterThan(1990);
    expect((await api.client.get(gvk, "killed", namespace))?.spec).toMatchObject({
      holderIdentity: "heir",
      leaseTransitions: 5,
    });
  });

  test("who loses it stops working", async () => {
    const { state } = candidate("lost", "first");
    await until(() => expect(state.works).toBe(true));
    await api.client.patch(gvk, { name: "lost", namespace }, { spec: { holderIdentity: "thief" } });
    await until(() => expect(state.works).toBe(false));
    expect(await holder("lost")).toBe("thief");
  });

  test("work that fails ends the candidate with its error, and the lease is free", async () => {
    const signal = new AbortController().signal;
    const options = { client: api.client, namespace, name: "broken", identity: "a", signal, ...timing };
    await expect(whileLeading(options, () => Promise.reject(new Error("no disk")))).rejects.toThrow(
      "no disk",
    );
    expect(await holder("broken")).toBe("");
  });

  test("without the API server all work on; with it again, one", async () => {
    const troubles: string[] = [];
    const onTrouble = ({ code }: { code: string }) => troubles.push(code);
    const leader = candidate("away", "leader", { onTrouble });
    await until(() => expect(leader.state.works).toBe(true));
    const standby = candidate("away", "standby", { onTrouble });
    await sleep(500);
    await api.server.kill();
    await until(() => expect(standby.state.works).toBe(true));
    expect(leader.state).toEqual({ works: true, spells: 1 });
    expect(new Set(troubles)).toEqual(new Set(["LF6001"]));
    await api.server.restart();
    await until(() => expect([leader, standby].filter(({ state }) => state.works)).toHaveLength(1));
  });
});
