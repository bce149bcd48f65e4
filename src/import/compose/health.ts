import type { AppSpecInput } from "../../model/app.ts";
import { type Branch, text } from "../source.ts";

type Probe = NonNullable<NonNullable<AppSpecInput["probes"]>["ready"]>;

/** A health check as a probe: an HTTP question where it is one, else the command itself, run in the container. */
export interface Health {
  /** The port asked over HTTP. */
  httpPort?: number;
  probe?: (ports: Record<string, number>) => Probe;
  container: Branch;
}

export function healthOf(check: Branch, ports: number[]): Health {
  const command = commandOf(check.test);
  if (!command || check.disable === true) return { container: {} };
  const url = /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\d+))?(\/[^\s"'|;&]*)?/.exec(
    command.join(" "),
  );
  const httpPort = Number(url?.[1] ?? 80);
  const timing = timingOf(check);
  if (url && ports.includes(httpPort) && /\b(curl|wget)\b/.test(command.join(" "))) {
    const path = url[2] ?? "/";
    const probe = (names: Record<string, number>): Probe => {
      const port = Object.keys(names).find((name) => names[name] === httpPort) ?? "";
      return { http: path, port };
    };
    return { httpPort, probe, container: withTiming(timing) };
  }
  const readinessProbe = { exec: { command }, tcpSocket: null, httpGet: null, ...timing };
  return { container: { readinessProbe } };
}

function withTiming(timing: Branch): Branch {
  return Object.keys(timing).length > 0 ? { readinessProbe: timing } : {};
}

function commandOf(test: unknown): string[] | undefined {
  if (typeof test === "string") return ["/bin/sh", "-c", test];
  if (!Array.isArray(test)) return undefined;
  const [how, ...rest] = test.map(String);
  if (how === "CMD-SHELL") return ["/bin/sh", "-c", rest.join(" ")];
  return how === "CMD" && rest.length > 0 ? rest : undefined;
}

function timingOf({ interval, timeout, retries, start_period: start }: Branch): Branch {
  const fields = {
    periodSeconds: seconds(interval),
    timeoutSeconds: seconds(timeout),
    failureThreshold: Number.isInteger(retries) ? retries : undefined,
    initialDelaySeconds: seconds(start),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** `1m30s` as whole seconds, at least one. */
function seconds(value: unknown): number | undefined {
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 0.000001 };
  const parts = [...(text(value) ?? "").matchAll(/(\d+(?:\.\d+)?)(h|ms|us|m|s)/g)];
  if (parts.length === 0) return undefined;
  return Math.max(
    1,
    Math.round(parts.reduce((sum, [, n, unit]) => sum + Number(n) * (units[unit ?? "s"] ?? 1), 0)),
  );
}
