import type { ClusterClient } from "../cluster/client.ts";
import type { LiveObject } from "../cluster/types.ts";
import { primarySuffix } from "../kit/labels.ts";
import { eventsOf, type ObjectRef } from "./release/observe-read.ts";
import { templateOf } from "./release/observe-template.ts";

interface CanaryFields {
  spec?: { service?: { hosts?: string[] } };
  status?: { phase?: string };
}

interface EventFields {
  type?: string;
  message?: string;
  lastTimestamp?: string | null;
}

/**
 * By host, what Flagger is at where it has not brought the first version out yet. It makes the route itself, once the
 * primary runs, so that a host without a route is no fault of the gateway; what keeps it from that only its events say.
 */
export async function canaryStarts(client: ClusterClient): Promise<Map<string, string>> {
  const canaries = await listCanaries(client);
  const said = await Promise.all(
    canaries.map(async (canary) => {
      const { spec, status } = canary as LiveObject & CanaryFields;
      const phase = status?.phase || "Waiting";
      if (!/^(Waiting|Initializing)$/.test(phase)) return [];
      const warning = await lastWarning(client, canary);
      const text = `Flagger brings its first version out${warning ? `; it said last: ${warning}` : ""}`;
      return (spec?.service?.hosts ?? []).map((host): [string, string] => [host, text]);
    }),
  );
  return new Map(said.flat());
}

/**
 * The apps whose new version failed its checks, so that the one before serves. Flux has applied what is declared and is
 * content; a phase that stayed Failed after the version was taken back says nothing, so the templates are compared.
 */
export async function failedCanaries(client: ClusterClient): Promise<Set<string>> {
  const failed = (await listCanaries(client)).filter(
    ({ status }) => (status as CanaryFields["status"])?.phase === "Failed",
  );
  const apps = await Promise.all(
    failed.map(async ({ metadata: { name, namespace } }) => {
      const [target, primary] = await Promise.all(
        [name, `${name}${primarySuffix}`].map((one) => client.get(deployment, one, namespace)),
      );
      return templateOf(target) === templateOf(primary) ? [] : [name];
    }),
  );
  return new Set(apps.flat());
}

const deployment = { apiVersion: "apps/v1", kind: "Deployment" };

function listCanaries(client: ClusterClient): Promise<LiveObject[]> {
  const kind = { apiVersion: "flagger.app/v1beta1", kind: "Canary" };
  return client.list(kind).catch((): LiveObject[] => []);
}

/** Kubernetes drops events that repeat themselves too often, so the last one may be minutes old and still hold. */
async function lastWarning(client: ClusterClient, canary: LiveObject): Promise<string | undefined> {
  const events = (await eventsOf(client, "Canary", canary.metadata as ObjectRef).catch(
    () => [],
  )) as (LiveObject & EventFields)[];
  const at = ({ lastTimestamp }: EventFields) => Date.parse(lastTimestamp ?? "");
  const [last] = events.filter((event) => event.type === "Warning").sort((a, b) => at(b) - at(a));
  return last?.message?.split("\n")[0];
}
