/** Real DNS servers as processes of this user on loopback, each with zones of its own, and what they answer. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { freePorts } from "../../../cluster/testing/api-server.ts";
import { type Background, inBackground, runFolder } from "./background.ts";
import { type DnsPrograms, dnsPrograms } from "./dns-programs.ts";

const exec = promisify(execFile);

export interface DnsServer {
  /** Where it is asked. */
  port: number;
  /** Where it takes updates. */
  updates: number;
  /** The TSIG key in base64, or the API key. */
  credential: string;
  /** What it answers, in order: `shop.example.test. 60 A 192.0.2.1`; empty where it knows none. */
  ask(name: string, type?: string): Promise<string[]>;
  /** Ask for a name's addresses this often; how often each came. */
  count(name: string, times: number): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

/** BIND with one zone that a TSIG key named `external-dns` may update and transfer; `records` are there from the start. */
export async function startBind(zone: string, records: string[]): Promise<DnsServer> {
  const programs = await dnsPrograms();
  const [port = 0] = await freePorts(1);
  const dir = runFolder("bind");
  const credential = randomBytes(32).toString("base64");
  const soa = "@ 3600 SOA ns1 hostmaster 1 3600 600 86400 5";
  const lines = [`$ORIGIN ${zone}.`, soa, "@ 3600 NS ns1", "ns1 3600 A 127.0.0.1", ...records];
  writeFileSync(join(dir, "zone"), `${lines.join("\n")}\n`);
  writeFileSync(
    join(dir, "named.conf"),
    `options { directory "${dir}"; pid-file "${dir}/pid"; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; };
  recursion no; dnssec-validation no; allow-transfer { key external-dns; }; };
controls { };
key external-dns { algorithm hmac-sha256; secret "${credential}"; };
zone "${zone}" { type primary; file "${dir}/zone"; update-policy { grant external-dns zonesub ANY; }; };
`,
  );
  const args = ["-c", join(dir, "named.conf"), "-g", "-n", "1"];
  const asking = questions(programs, port);
  const running = await inBackground({ path: programs.named, args, env: programs.env, dir }, () =>
    asking.ask(zone, "SOA").then(
      (answer) => answer.length > 0,
      () => false,
    ),
  );
  return { port, updates: port, credential, ...asking, stop: running.stop };
}

/** PowerDNS with these zones, its API, and Lua records. */
export async function startPowerDns(zones: string[]): Promise<DnsServer> {
  const programs = await dnsPrograms();
  const [port = 0, updates = 0] = await freePorts(2);
  const dir = runFolder("pdns");
  const credential = randomBytes(16).toString("hex");
  const database = join(dir, "pdns.sqlite3");
  const schema = join(programs.root, "usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql");
  new DatabaseSync(database).exec(readFileSync(schema, "utf8"));
  const settings = {
    launch: "gsqlite3",
    "gsqlite3-database": database,
    "module-dir": join(programs.root, "usr/lib/x86_64-linux-gnu/pdns"),
    "local-address": "127.0.0.1",
    "local-port": port,
    "socket-dir": dir,
    api: "yes",
    "api-key": credential,
    webserver: "yes",
    "webserver-address": "127.0.0.1",
    "webserver-port": updates,
    "enable-lua-records": "yes",
    "security-poll-suffix": "",
    // Its own caches would hide changes for longer than the records' TTL.
    "cache-ttl": 0,
    "query-cache-ttl": 0,
    "negquery-cache-ttl": 0,
    "zone-cache-refresh-interval": 0,
  };
  const conf = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  writeFileSync(join(dir, "pdns.conf"), `${conf.join("\n")}\n`);
  const api = (path: string, body?: object) =>
    fetch(`http://127.0.0.1:${updates}/api/v1/servers/localhost${path}`, {
      method: body ? "POST" : "GET",
      headers: { "X-API-Key": credential },
      ...(body && { body: JSON.stringify(body) }),
    });
  const running: Background = await inBackground(
    { path: programs.pdns, args: [`--config-dir=${dir}`], env: programs.env, dir },
    () =>
      api("/zones").then(
        ({ ok }) => ok,
        () => false,
      ),
  );
  for (const zone of zones) {
    const answer = await api("/zones", {
      name: `${zone}.`,
      kind: "Native",
      nameservers: ["ns1.example.test."],
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
  return { port, updates, credential, ...questions(programs, port), stop: running.stop };
}

function questions({ dig, env }: DnsPrograms, port: number): Pick<DnsServer, "ask" | "count"> {
  const at = ["@127.0.0.1", "-p", String(port), "+norecurse", "+tries=2", "+time=2"];
  const run = async (args: string[]) =>
    (await exec(dig, [...at, ...args], { env, maxBuffer: 64 * 1024 * 1024 })).stdout
      .split("\n")
      .filter(Boolean);
  return {
    ask: async (name, type = "A") =>
      (await run(["+noall", "+answer", name, type]))
        .map((line) => line.replace(/\s+/g, " ").replace(" IN ", " "))
        .sort(),
    count: async (name, times) => {
      const lines = await run(["+short", ...Array.from({ length: times }, () => [name, "A"]).flat()]);
      const addresses = lines.filter((line) => /^[\d.]+$/.test(line));
      const counted = Map.groupBy(addresses, (address) => address);
      return Object.fromEntries([...counted].map(([address, all]) => [address, all.length]).sort());
    },
  };
}
