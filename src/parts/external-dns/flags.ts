import { milliseconds } from "../../util/durations.ts";
import { type Context, ownerOf, serverOf, zonesOf } from "./options.ts";

/** Which records one external-dns keeps. */
export type Task = "routes" | "names" | "weights";

const seconds = (duration: string) => `${Math.max(1, Math.round(milliseconds(duration) / 1000))}s`;

/** The arguments of the external-dns that keeps these records; its credential comes by the environment. */
export function flagsOf(task: Task, cx: Context): string[] {
  const { options } = cx;
  return [
    ...sourcesOf(task, cx),
    "--policy=sync",
    ...(task === "weights" ? weightsFlags(options.weights) : ownedFlags(cx)),
    ...serverFlags(cx),
    `--interval=${seconds(options.interval)}`,
    // A change is written within the 5 s that it gathers changes for, not at the next look at everything.
    "--events",
    "--min-event-sync-interval=1s",
    `--min-ttl=${seconds(options.ttl)}`,
    "--log-format=json",
  ];
}

function sourcesOf(task: Task, { namespace }: Context): string[] {
  if (task === "routes") return ["--source=gateway-httproute", "--source=gateway-grpcroute"];
  return ["--source=crd", `--namespace=${namespace}`, `--label-filter=landfall.dev/records=${task}`];
}

/** A TXT record beside each name says whose it is: records of anybody else are never touched. */
function ownedFlags(cx: Context): string[] {
  const { weights } = cx.options;
  return [
    "--registry=txt",
    `--txt-owner-id=${ownerOf(cx)}`,
    ...zonesOf(cx).map((zone) => `--domain-filter=${zone}`),
    ...(weights ? [`--exclude-domains=${weights}`] : []),
    ...["A", "AAAA", "CNAME"].map((type) => `--managed-record-types=${type}`),
  ];
}

/** The registry knows no Lua records, so the whole zone is owned, and only Lua records are kept in it. */
function weightsFlags(zone: string | undefined): string[] {
  return ["--registry=noop", `--domain-filter=${zone}`, "--managed-record-types=LUA"];
}

function serverFlags(cx: Context): string[] {
  const { provider, tls, key } = cx.options;
  const { host, port } = serverOf(cx);
  if (provider === "pdns")
    return [
      "--provider=pdns",
      `--pdns-server=${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    ];
  return [
    "--provider=rfc2136",
    `--rfc2136-host=${host}`,
    `--rfc2136-port=${port}`,
    ...zonesOf(cx).map((zone) => `--rfc2136-zone=${zone}`),
    `--rfc2136-tsig-keyname=${key}`,
    "--rfc2136-tsig-secret-alg=hmac-sha256",
    // Without a transfer it cannot see what is there, and would remove nothing.
    "--rfc2136-axfr",
    ...(tls ? ["--rfc2136-use-tls"] : []),
  ];
}

/** The variable that the credential is read from. */
export function credentialVariable(provider: "rfc2136" | "pdns"): string {
  return provider === "pdns" ? "EXTERNAL_DNS_PDNS_API_KEY" : "EXTERNAL_DNS_RFC2136_TSIG_SECRET";
}
