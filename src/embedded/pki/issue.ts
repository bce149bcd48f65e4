import "./reflect.ts";
import type { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** A certificate with its private key, both PEM. */
export interface KeyPair {
  cert: string;
  key: string;
}

/** What a certificate says of its holder. */
export interface Subject {
  commonName: string;
  organization?: string;
  dns?: string[];
  ips?: string[];
  usages: ("client" | "server")[];
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const dayMs = 24 * 60 * 60 * 1000;
const crypto = globalThis.crypto;
x509.cryptoProvider.set(crypto);

/** Validity starts an hour early: the clock of a virtual machine may jump back after a resume. */
function validity(days: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - 60 * 60 * 1000), notAfter: new Date(now + days * dayMs) };
}

function serial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

async function newKeys(): Promise<{ keys: webcrypto.CryptoKeyPair; privatePem: string; publicPem: string }> {
  const keys = (await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  return {
    keys,
    privatePem: pem("PRIVATE KEY", await crypto.subtle.exportKey("pkcs8", keys.privateKey)),
    publicPem: pem("PUBLIC KEY", await crypto.subtle.exportKey("spki", keys.publicKey)),
  };
}

async function signingKey(keyPem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(keyPem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  return await crypto.subtle.importKey("pkcs8", der, algorithm, false, ["sign"]);
}

/** A self-signed certificate authority, ECDSA P-256, valid for `days`. */
export async function issueAuthority(commonName: string, days = 3650): Promise<KeyPair> {
  const { keys, privatePem } = await newKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${commonName}`,
    ...validity(days),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${cert.toString("pem")}\n`, key: privatePem };
}

/** A certificate for `subject`, signed by `authority`, valid for `days`. */
export async function issueCertificate(authority: KeyPair, subject: Subject, days = 365): Promise<KeyPair> {
  const { keys, privatePem } = await newKeys();
  const issuer = new x509.X509Certificate(authority.cert);
  const usages = subject.usages.map((u) =>
    u === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth,
  );
  const names: x509.JsonGeneralNames = [
    ...(subject.dns ?? []).map((value) => ({ type: "dns" as const, value })),
    ...(subject.ips ?? []).map((value) => ({ type: "ip" as const, value })),
  ];
  const name = [{ CN: [subject.commonName] }];
  if (subject.organization) name.unshift({ O: [subject.organization] } as never);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: new x509.Name(name).toString(),
    issuer: issuer.subject,
    ...validity(days),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { cert: `${cert.toString("pem")}\n`, key: privatePem };
}

/** A key pair to sign and verify service account tokens, PEM (PKCS#8 and SPKI). */
export async function issueSigningKey(): Promise<{ privateKey: string; publicKey: string }> {
  const { privatePem, publicPem } = await newKeys();
  return { privateKey: privatePem, publicKey: publicPem };
}
