import { describe, expect, it } from "vitest";
import { minutesOpen, opensAt } from "./time.ts";

const berlin = {
  id: "h",
  type: "hours" as const,
  days: [1, 2, 3, 4, 5],
  from: "09:00",
  until: "17:00",
  zone: "Europe/Berlin",
};

function at(text: string): number {
  return Date.parse(text);
}

describe("hours", () => {
  it.each([
    ["2026-03-27T07:59:00Z", undefined],
    ["2026-03-27T08:00:00Z", 0],
    ["2026-03-27T15:59:59Z", 479],
    ["2026-03-27T16:00:00Z", undefined],
    // On the 29th, a Sunday, clocks go one hour forward: nine o'clock is an hour earlier in UTC.
    ["2026-03-29T08:30:00Z", undefined],
    ["2026-03-30T06:59:00Z", undefined],
    ["2026-03-30T07:00:00Z", 0],
    // And back on the 25th of October.
    ["2026-10-23T07:00:00Z", 0],
    ["2026-10-26T07:30:00Z", undefined],
    ["2026-10-26T08:00:00Z", 0],
  ])("at %s: open for %s minutes", (time, open) => {
    expect(minutesOpen(berlin, at(time))).toBe(open);
  });

  it("of a night belong to the day they start on", () => {
    const night = { ...berlin, days: [5], from: "22:00", until: "04:00", zone: "UTC" };
    expect(minutesOpen(night, at("2026-03-27T23:00:00Z"))).toBe(60);
    expect(minutesOpen(night, at("2026-03-28T03:59:00Z"))).toBe(359);
    expect(minutesOpen(night, at("2026-03-28T04:00:00Z"))).toBeUndefined();
    expect(minutesOpen(night, at("2026-03-28T23:00:00Z"))).toBeUndefined();
    expect(minutesOpen(night, at("2026-03-27T03:00:00Z"))).toBeUndefined();
  });

  it.each([
    ["2026-03-27T16:00:00Z", "2026-03-30T07:00:00.000Z"],
    ["2026-10-23T20:00:00Z", "2026-10-26T08:00:00.000Z"],
    ["2026-03-27T10:00:30Z", "2026-03-27T10:00:30.000Z"],
  ])("after %s open at %s", (time, opens) => {
    expect(new Date(opensAt(berlin, at(time))).toISOString()).toBe(opens);
  });

  it("in a zone of half hours open at the half hour", () => {
    const india = { ...berlin, zone: "Asia/Kolkata" };
    expect(new Date(opensAt(india, at("2026-03-27T20:00:00Z"))).toISOString()).toBe(
      "2026-03-30T03:30:00.000Z",
    );
  });
});
