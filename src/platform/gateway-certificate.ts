import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { issueAuthority, issueCertificate, type KeyPair } from "../embedded/pki/issue.ts";
import { writeFileAtomic } from "../util/files.ts";
import { landfallHome } from "../util/home.ts";

const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

/** The authority that signs local gateways' certificates; a person may trust it once for all clusters of this machine. */
export function gatewayAuthorityPath(): string {
  return join(landfallHome(), "gateway-ca", "ca.crt");
}

/** A certificate for a local gateway's host names, kept in the cluster's folder and made anew when they change or it ends. */
export async function ensureGatewayCertificate(folder: string, hosts: string[]): Promise<KeyPair> {
  // Not among the cluster's own certificates: when one of those changes, every process is started anew.
  const path = join(folder, "gateway", "tls");
  const authority = await ensurePair(
    gatewayAuthorityPath().replace(/\.crt$/, ""),
    () => true,
    () => issueAuthority("landfall local gateway"),
  );
  return ensurePair(
    path,
    (cert) =>
      hosts.every((host) => cert.checkHost(host) !== undefined) &&
      cert.checkIssued(new X509Certificate(authority.cert)),
    () =>
      issueCertificate(authority, {
        commonName: hosts[0] ?? "localhost",
        dns: [...hosts, "localhost"],
        ips: ["127.0.0.1"],
        usages: ["server"],
      }),
  );
}

async function ensurePair(
  base: string,
  fits: (cert: X509Certificate) => boolean,
  issue: () => Promise<KeyPair>,
): Promise<KeyPair> {
  const known = readPair(base);
  if (known) {
    const certificate = new X509Certificate(known.cert);
    if (certificate.validToDate.getTime() - Date.now() > renewBeforeMs && fits(certificate)) return known;
  }
  const pair = await issue();
  writeFileAtomic(`${base}.key`, pair.key, 0o600);
  writeFileAtomic(`${base}.crt`, pair.cert);
  return pair;
}

function readPair(base: string): KeyPair | undefined {
  if (!existsSync(`${base}.crt`) || !existsSync(`${base}.key`)) return undefined;
  return { cert: readFileSync(`${base}.crt`, "utf8"), key: readFileSync(`${base}.key`, "utf8") };
}
