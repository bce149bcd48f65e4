import {
  type AnalysedRelease,
  appLabel,
  filledCommand,
  type GatewayValue,
  hooksOf,
  type KubernetesObject,
  networkPolicy,
  type PlacedApp,
  type ReleaseHook,
  type ReleaseTester,
  releasedPort,
  servedPorts,
} from "../../kit/index.ts";

interface Through {
  gateway: GatewayValue | undefined;
  tester: ReleaseTester | undefined;
}

/** A Canary's webhooks, in the order they come to pass. Commands that nothing runs are left out: they are an error. */
export function webhooksOf(app: PlacedApp, { analysis }: AnalysedRelease, through: Through): object[] {
  return hooksOf(analysis).flatMap((hook) => {
    const { name, type, timeout } = hook;
    const { url, metadata } = toldBy(hook, app, through);
    if (url === undefined) return [];
    return [{ name, type, url, timeout, ...(Object.keys(metadata).length > 0 && { metadata }) }];
  });
}

/** Where it is asked, and what is told there. The types of tasks are those of Flagger's load tester. */
function toldBy(
  { url, metadata, command, background }: ReleaseHook,
  app: PlacedApp,
  { gateway, tester }: Through,
): { url: string | undefined; metadata: Record<string, string> } {
  if (command === undefined) return { url, metadata };
  const [first] = app.spec.expose;
  const cmd = filledCommand(command, {
    url: `http://${app.name}-canary.${app.namespace}:${releasedPort(app)?.port}`,
    name: app.name,
    namespace: app.namespace,
    ...(gateway && { gateway: gateway.url }),
    ...(first && { host: first.host }),
  });
  // Load is started and goes on beside the check, what it prints is kept in the log; all else must end well.
  const task = background ? { type: "cmd", cmd, logCmdOutput: "true" } : { type: "bash", cmd };
  return { url: tester?.url, metadata: task };
}

/** The way from the tester to the app, beside what the app's own policy opens. */
export function testerPolicy(
  { name, namespace, ports }: PlacedApp,
  { pods }: ReleaseTester,
): KubernetesObject {
  return networkPolicy({
    name: `${name}.tester`,
    namespace,
    owner: { label: appLabel, name },
    ingress: [{ pods: [pods], ports: servedPorts(ports) }],
    egress: [],
  });
}
