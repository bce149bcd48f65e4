import type { Agent } from "node:https";
import { failure, messageOf } from "../util/errors.ts";
import type { Access } from "./kubeconfig.ts";

/** What client-node works out for one request: an agent (client certificate, proxy) and headers (token). */
export interface PluginAuth {
  agent: Agent;
  headers: Record<string, string>;
}

/**
 * Log in by the kubeconfig's plugin (exec, OIDC, cloud) or go through its proxy. The returned function is
 * called for each request, since tokens run out; client-node keeps token and agent while they hold.
 */
export async function pluginAuth(access: Access): Promise<() => Promise<PluginAuth>> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(access.kubeconfig);
  config.setCurrentContext(access.context);
  return async () => {
    const options: { headers: Record<string, string>; agent?: unknown; auth?: string } = { headers: {} };
    try {
      await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
    } catch (error) {
      throw failure(
        "LF6001",
        {
          what: `the login for context "${access.context}" failed`,
          why: messageOf(error),
          fix: "log in with the provider's own tool; kubectl get ns must work with this context",
        },
        error,
      );
    }
    return { agent: options.agent as Agent, headers: options.headers };
  };
}
