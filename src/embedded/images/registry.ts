import { join } from "node:path";
import { stringify } from "yaml";
import { writeFileAtomic } from "../../util/files.ts";
import { landfallHome } from "../../util/home.ts";

/** How to start the registry; `health` answers 200 when it serves. */
export interface RegistryProcess {
  command: string;
  args: string[];
  env: Record<string, string>;
  configFile: string;
  /** e.g. `http://10.83.0.1:5000`. */
  url: string;
  health: string;
}

/** Where all clusters' images are kept; what one cluster pushed is there for the next. */
export function registryStorage(): string {
  return join(landfallHome(), "registry");
}

/**
 * Write the configuration of Debian's docker-registry and say how to start it. Several of them may share one
 * storage: content is only added. No log of requests, no redirects, no deletion, no purging of uploads.
 */
export function registryProcess(options: {
  /** @default {@link registryStorage} */
  storage?: string;
  address: string;
  port: number;
}): RegistryProcess {
  const storage = options.storage ?? registryStorage();
  const listen = `${options.address}:${options.port}`;
  const configFile = join(storage, `config-${listen.replaceAll(":", "-")}.yml`);
  const config = {
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: storage },
      delete: { enabled: false },
      redirect: { disable: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr: listen, headers: { "X-Content-Type-Options": ["nosniff"] } },
  };
  writeFileAtomic(configFile, stringify(config));
  return {
    command: "docker-registry",
    args: ["serve", configFile],
    env: { OTEL_TRACES_EXPORTER: "none" },
    configFile,
    url: `http://${listen}`,
    health: `http://${listen}/v2/`,
  };
}
