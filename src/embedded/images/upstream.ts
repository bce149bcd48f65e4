import { messageOf } from "../../util/errors.ts";
import type { BuildContext } from "./context.ts";
import type { Reference } from "./reference.ts";
import { connectProblem, rememberedRefusal, rememberRefusal } from "./unreachable.ts";

/** Why an image cannot be had from its registry. Caught by the caller, who then turns to the recipe. */
export class NotPulled extends Error {
  /** It answers, to those who are known to it. */
  get wantsLogin(): boolean {
    return this.message.startsWith(login);
  }
}

const login = "the registry wants a login";

/** An authorised way to ask one repository of an upstream registry. */
export type Ask = (path: string, accept?: string, method?: "GET" | "HEAD") => Promise<Response>;

/** The first answer of a registry, in milliseconds; content afterwards may take as long as it needs. */
const answerTimeout = 5_000;

const isLocal = (host: string) => /^(localhost|127\.0\.0\.1)(:|$)/.test(host);

/** Where the registry of a reference is; as everywhere, one on this machine is asked without TLS. */
export function upstreamUrl(reference: Reference): URL {
  const host = reference.host === "docker.io" ? "registry-1.docker.io" : reference.host;
  return new URL(`${isLocal(host) ? "http" : "https"}://${host}`);
}

/** Reach a reference's registry and get its leave to read the repository. @throws NotPulled */
export async function openRepository(reference: Reference, context: BuildContext): Promise<Ask> {
  const url = upstreamUrl(reference);
  const known = rememberedRefusal(url.host);
  if (known) throw new NotPulled(known);
  try {
    const problem = await connectProblem(
      url.hostname,
      Number(url.port || (url.protocol === "http:" ? 80 : 443)),
    );
    if (problem) throw new Error(problem);
    return await authorised(url, reference, context);
  } catch (error) {
    context.signal?.throwIfAborted();
    const reason = reasonOf(error);
    rememberRefusal(url.host, reason);
    throw new NotPulled(reason);
  }
}

async function authorised(url: URL, reference: Reference, context: BuildContext): Promise<Ask> {
  const first = await fetch(new URL("/v2/", url), { signal: limited(context) });
  await first.body?.cancel();
  // A proxy or a login page may answer in the registry's place.
  if (first.status !== 200 && first.status !== 401) throw new Error(`${url.host} answered ${first.status}`);
  const challenge = first.status === 401 ? (first.headers.get("www-authenticate") ?? "") : "";
  const token = challenge ? await fetchToken(challenge, reference, context) : undefined;
  return (path, accept, method = "GET") =>
    fetch(new URL(`/v2/${reference.repository}/${path}`, url), {
      method,
      headers: {
        ...(accept ? { accept } : {}),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(context.signal ? { signal: context.signal } : {}),
    });
}

/** An anonymous token by the registry's challenge: `Bearer realm="…",service="…"`. */
async function fetchToken(challenge: string, reference: Reference, context: BuildContext): Promise<string> {
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = value("realm");
  if (!/^bearer /i.test(challenge) || !realm) throw new Error(login);
  const url = new URL(realm);
  const service = value("service");
  if (service) url.searchParams.set("service", service);
  url.searchParams.set("scope", `repository:${reference.repository}:pull`);
  const answer = await fetch(url, { signal: limited(context) });
  const refused = `${url.host} gave no token: ${answer.status}`;
  if (!answer.ok) throw new Error([401, 403].includes(answer.status) ? `${login}: ${refused}` : refused);
  const body = (await answer.json()) as { token?: string; access_token?: string };
  return body.token ?? body.access_token ?? "";
}

function limited(context: BuildContext): AbortSignal {
  const limit = AbortSignal.timeout(answerTimeout);
  return context.signal ? AbortSignal.any([context.signal, limit]) : limit;
}

/** fetch says only "fetch failed"; what happened is in its cause. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return messageOf(cause ?? error);
}
