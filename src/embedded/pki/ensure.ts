import { createPublicKey, X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../../util/files.ts";
import type { KeyPair, Subject } from "./issue.ts";

/** What a cluster's certificates must say. */
export interface PkiWish {
  nodeName: string;
  /** Addresses at which the API server is reached, beside 127.0.0.1. */
  apiIps: string[];
  /** Addresses of the node. */
  nodeIps: string[];
}

/** Certificates are made anew when fewer days than this are left. */
export const renewBeforeDays = 30;

type Authority = "ca" | "front-proxy-ca";

/** Every certificate of the cluster: which authority signs it and what it says. */
export function certificates(wish: PkiWish): Record<string, Subject & { authority: Authority }> {
  const local = ["127.0.0.1", "::1"];
  const client = (commonName: string, organization?: string): Subject & { authority: Authority } => ({
    authority: "ca",
    commonName,
    ...(organization ? { organization } : {}),
    usages: ["client"],
  });
  return {
    apiserver: {
      authority: "ca",
      commonName: "kube-apiserver",
      dns: [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
        "localhost",
        wish.nodeName,
      ],
      ips: unique([...local, "10.96.0.1", ...wish.apiIps]),
      usages: ["server"],
    },
    etcd: {
      authority: "ca",
      commonName: "etcd",
      dns: ["localhost"],
      ips: unique([...local, ...wish.nodeIps]),
      usages: ["server", "client"],
    },
    kubelet: {
      authority: "ca",
      commonName: `system:node:${wish.nodeName}`,
      organization: "system:nodes",
      dns: [wish.nodeName],
      ips: unique([...local, ...wish.nodeIps]),
      usages: ["server", "client"],
    },
    "apiserver-etcd-client": client("kube-apiserver-etcd-client"),
    "apiserver-kubelet-client": client("kube-apiserver-kubelet-client", "system:masters"),
    "controller-manager": client("system:kube-controller-manager"),
    scheduler: client("system:kube-scheduler"),
    "kube-proxy": client("system:kube-proxy"),
    admin: client("landfall-admin", "system:masters"),
    "front-proxy-client": { ...client("front-proxy-client"), authority: "front-proxy-ca" },
    serving: {
      authority: "ca",
      commonName: "landfall-components",
      dns: ["localhost", wish.nodeName],
      ips: unique([...local, ...wish.nodeIps]),
      usages: ["server"],
    },
  };
}

function unique(values: string[]): string[] {
  return [...new Set(values)];
}

/** Whether the pair on disk can stay: it says what is wished, its signer is this one, and it lives on. */
export function isCurrent(pair: KeyPair, issuer: KeyPair, subject?: Subject, now = Date.now()): boolean {
  try {
    const cert = new X509Certificate(pair.cert);
    const left = Date.parse(cert.validTo) - now;
    if (left < renewBeforeDays * 24 * 60 * 60 * 1000) return false;
    if (!cert.verify(createPublicKey(issuer.cert))) return false;
    if (!cert.publicKey.equals(createPublicKey(pair.key))) return false;
    if (!subject) return true;
    const lines = cert.subject.split("\n");
    const named =
      lines.includes(`CN=${subject.commonName}`) &&
      (!subject.organization || lines.includes(`O=${subject.organization}`));
    return (
      named &&
      (subject.ips ?? []).every((ip) => cert.checkIP(ip) !== undefined) &&
      (subject.dns ?? []).every((name) => cert.checkHost(name) !== undefined)
    );
  } catch {
    return false;
  }
}

function readPair(folder: string, name: string): KeyPair | undefined {
  const cert = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  if (!existsSync(cert) || !existsSync(key)) return undefined;
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

function writePair(folder: string, name: string, pair: KeyPair): void {
  // The key first: a certificate without its key would look like a pair that was damaged.
  writeFileAtomic(join(folder, `${name}.key`), pair.key, 0o600);
  writeFileAtomic(join(folder, `${name}.crt`), pair.cert, 0o600);
}

/**
 * Bring a folder of certificates up to date and answer the names that were issued now (none on most
 * calls, and then the certificate library is not even loaded). Files: `NAME.crt`, `NAME.key`, `sa.key`,
 * `sa.pub`. A new authority re-issues everything it signed.
 */
export async function ensurePki(folder: string, wish: PkiWish): Promise<string[]> {
  const issued: string[] = [];
  const issue = () => import("./issue.ts");
  const authorities = {} as Record<Authority, KeyPair>;
  for (const name of ["ca", "front-proxy-ca"] as const) {
    const known = readPair(folder, name);
    const pair =
      known && isCurrent(known, known) ? known : await (await issue()).issueAuthority(`landfall-${name}`);
    if (pair !== known) {
      writePair(folder, name, pair);
      issued.push(name);
    }
    authorities[name] = pair;
  }
  for (const [name, { authority, ...subject }] of Object.entries(certificates(wish))) {
    const known = readPair(folder, name);
    if (known && isCurrent(known, authorities[authority], subject)) continue;
    writePair(folder, name, await (await issue()).issueCertificate(authorities[authority], subject));
    issued.push(name);
  }
  if (!existsSync(join(folder, "sa.key")) || !existsSync(join(folder, "sa.pub"))) {
    const pair = await (await issue()).issueSigningKey();
    writeFileAtomic(join(folder, "sa.pub"), pair.publicKey, 0o600);
    writeFileAtomic(join(folder, "sa.key"), pair.privateKey, 0o600);
    issued.push("sa");
  }
  return issued;
}
