import { contentName } from "../kit/content-name.ts";
import type { Company } from "../model/parse.ts";
import { ensureKeys, readCiphertext, setSecret, withName, withNamespace } from "../secrets/index.ts";
import { LandfallError, type Place, type Problem } from "../util/errors.ts";
import { noContent } from "./content.ts";
import type { Draft } from "./plan.ts";
import { secretsOf } from "./render-app.ts";
import type { ResolvedCluster } from "./resolve.ts";

/** The ciphertext of a company's secrets as one environment sees it. */
export interface SecretFiles {
  read(secret: string, environment: string | undefined): string | undefined;
  /** The name the Secret has in a cluster: by its ciphertext, so that pods wait for the value they are meant for. */
  nameOf(secret: string, environment: string | undefined): string;
  problems: Problem[];
}

/**
 * Read the ciphertext of every secret an app refers to. A secret without a value is a problem, unless landfall may
 * generate it: that happens on `build` and `up`, never on `check`.
 */
export function readSecretFiles(company: Company, clusters: ResolvedCluster[]): SecretFiles {
  const texts = new Map<string, string>();
  const problems: Problem[] = [];
  const keyOf = (secret: string, environment: string | undefined) => `${environment ?? ""}/${secret}`;
  for (const { environment, apps } of clusters) {
    for (const secret of new Set(apps.flatMap(secretsOf))) {
      const key = keyOf(secret, environment);
      if (texts.has(key)) continue;
      const found = readOne(company, secret, environment, problems);
      if (found !== undefined) texts.set(key, found);
    }
  }
  const read = (secret: string, environment: string | undefined) => texts.get(keyOf(secret, environment));
  return {
    problems,
    read,
    nameOf: (secret, environment) => {
      const text = read(secret, environment);
      // Only `check` meets a secret whose first value is still to be made.
      return text === undefined ? secret : contentName(secret, text);
    },
  };
}

function readOne(
  company: Company,
  secret: string,
  environment: string | undefined,
  problems: Problem[],
): string | undefined {
  try {
    return readCiphertext(company.declaration.dir, secret, environment).text;
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    const absent = error.problems.every(({ code }) => code === "LF7001");
    if (!(absent && company.spec.secrets[secret]?.generate)) {
      const where = company.declaration.place(["secrets", secret]);
      problems.push(...error.problems.map((p) => ({ where, ...p })));
    }
    return undefined;
  }
}

/** What was made on the way to a build: first values, and the identity that decrypts them when it is new. */
export interface MadeSecrets {
  names: string[];
  /** The path of the new identity: losing it loses the secrets. */
  identity: string | undefined;
}

/** Make values for the secrets that have none and may be generated. */
export async function generateMissingSecrets(company: Company): Promise<MadeSecrets> {
  const { dir } = company.declaration;
  const missing = Object.entries(company.spec.secrets).filter(
    ([name, { generate }]) => generate && !hasValue(company, name),
  );
  if (missing.length === 0) return { names: [], identity: undefined };
  const { made } = await ensureKeys(dir, company.spec.company);
  for (const [name, { generate = 32, rotate }] of missing) {
    await setSecret(dir, name, { generate: { value: generate }, ...(rotate && { rotate }) });
  }
  return { names: missing.map(([name]) => name), identity: made };
}

function hasValue(company: Company, name: string): boolean {
  try {
    readCiphertext(company.declaration.dir, name);
    return true;
  } catch (error) {
    if (error instanceof LandfallError && error.problems.every(({ code }) => code === "LF7001")) return false;
    throw error;
  }
}

/** One bundle for each namespace that uses secrets: two apps may share one, and only one may own it. */
export function secretBundles(
  cluster: ResolvedCluster,
  secrets: SecretFiles,
  place: (path: string[]) => Place,
): Draft[] {
  const files = new Map<string, Record<string, string>>();
  for (const app of cluster.apps) {
    for (const secret of secretsOf(app)) {
      const text = secrets.read(secret, cluster.environment);
      if (text === undefined) continue;
      const known = files.get(app.namespace) ?? {};
      const named = withName(text, secrets.nameOf(secret, cluster.environment));
      files.set(app.namespace, { ...known, [`${secret}.yaml`]: withNamespace(named, app.namespace) });
    }
  }
  return [...files].sort().map(([namespace, texts]) => ({
    name: `secrets-${namespace}`,
    kind: "secrets" as const,
    owner: namespace,
    content: noContent,
    files: texts,
    after: [],
    waivers: [],
    get place() {
      return place([]);
    },
  }));
}
