import { failure, LandfallError, messageOf } from "../util/errors.ts";
import type { Access } from "./kubeconfig.ts";

/** The `Status` object an API server refuses with. */
export interface ApiStatus {
  code: number;
  reason?: string;
  message?: string;
  details?: {
    name?: string;
    kind?: string;
    causes?: { field?: string; message?: string; reason?: string }[];
  };
}

/** The cause of an LF6002: what the API server answered. */
export class ApiRefusal extends Error {
  readonly status: ApiStatus;

  constructor(status: ApiStatus) {
    super(status.message ?? status.reason ?? `status ${status.code}`);
    this.name = "ApiRefusal";
    this.status = status;
  }
}

/** The HTTP status an API server refused with, or undefined when the error is of another sort. */
export function refusedWith(error: unknown): number | undefined {
  const cause = error instanceof LandfallError ? error.cause : error;
  return cause instanceof ApiRefusal ? cause.status.code : undefined;
}

/** Whether it was refused because the object itself is not there (and not its kind or namespace). */
export function isAbsent(error: unknown, name: string): boolean {
  const cause = error instanceof LandfallError ? error.cause : error;
  if (!(cause instanceof ApiRefusal) || cause.status.code !== 404) return false;
  return cause.status.reason === "NotFound" && cause.status.details?.name === name;
}

/** LF6002 that keeps the server's message and each cause with its field. `doing` is e.g. "apply Pod a/b". */
export function refused(doing: string, statusCode: number, body: string): LandfallError {
  const status = parseStatus(statusCode, body);
  const causes = (status.details?.causes ?? []).map(
    (c) => `${c.field ?? "object"}: ${c.message ?? c.reason}`,
  );
  const message = status.message ?? status.reason ?? `HTTP ${statusCode}`;
  // Most messages already end with their causes; only those that do not are added.
  const extra = causes.filter((cause) => !message.includes(cause.split(": ").slice(1).join(": ")));
  return failure(
    "LF6002",
    {
      what: `the cluster refused to ${doing}`,
      why: [message, ...extra].join("\n"),
      fix: fixFor(status, message),
    },
    new ApiRefusal(status),
  );
}

function parseStatus(code: number, body: string): ApiStatus {
  try {
    const value = JSON.parse(body) as Partial<ApiStatus>;
    if (value && typeof value === "object" && (value.message || value.reason)) return { ...value, code };
  } catch {
    // Proxies and the server's own early refusals answer in plain text.
  }
  // The path itself is unknown: the kind's CRD is missing.
  if (code === 404) return { code, message: "it does not serve this kind" };
  const message = body.trim().slice(0, 2000);
  return message ? { code, message } : { code };
}

function fixFor(status: ApiStatus, message: string): string {
  if (status.code === 401) return "the login is not accepted: renew the kubeconfig's certificate or token";
  if (status.code === 403) return "give this user the named right, or use a context of an administrator";
  if (status.code === 409 && /conflict/i.test(message)) {
    return "another manager owns these fields: leave them out, or adopt the object";
  }
  if (status.code === 404) return "apply the CRD or namespace it needs first";
  if (status.code === 422 || status.code === 400) return "correct the fields named above in the declaration";
  if (status.code === 429 || status.code >= 500)
    return "wait until the API server is healthy, then run it again";
  return "read the server's message above";
}

/** LF6001: nothing usable came back from the address. */
export function unreachable(access: Access, error: unknown): LandfallError {
  const code = (error as { code?: string } | undefined)?.code ?? "";
  const what = `the cluster at ${access.server} does not answer`;
  const why = reasons[code] ?? messageOf(error);
  const certificate = /CERT|TLS|SSL|SIGNATURE/.test(code);
  const fix = certificate
    ? `write ${access.kubeconfig} again: its certificates are not those of this server`
    : `check that it runs (local: landfall status, landfall up) and that the address in ${access.kubeconfig} is right`;
  return failure("LF6001", { what, why, fix }, error);
}

const reasons: Record<string, string> = {
  ECONNREFUSED: "nothing listens at that address (connection refused)",
  ENOTFOUND: "its host name is not known",
  EHOSTUNREACH: "there is no route to it",
  ENETUNREACH: "there is no route to it",
  ECONNRESET: "it closed the connection",
  LF_TIMEOUT: "it did not answer in time",
};
