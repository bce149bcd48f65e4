import { join } from "node:path";
import { writeFileAtomic } from "../../util/files.ts";
import { hostFolder, parseReference } from "./reference.ts";

/**
 * Tell containerd to look for images in the local registry only. Each upstream host of the references gets a
 * `hosts.toml` that maps it to its own folder there, so that `ghcr.io/a/b` and `docker.io/a/b` stay apart and
 * manifests keep their upstream references. A host that is not known gets a quick "not found" instead of a
 * wait for a network that pods may not use. containerd reads these files at every pull.
 *
 * @param folder containerd's `config_path`, e.g. `…/certs.d`
 * @param registryUrl as containerd reaches it, e.g. `http://10.83.0.1:5000`
 */
export function mirrorHosts(options: { folder: string; registryUrl: string; references: string[] }): void {
  const hosts = new Set(options.references.map((ref) => parseReference(ref).host));
  for (const host of [...hosts].sort()) {
    const target = `${options.registryUrl}/v2/${hostFolder(host)}`;
    writeFileAtomic(join(options.folder, host, "hosts.toml"), hostsToml(target));
  }
  writeFileAtomic(
    join(options.folder, "_default", "hosts.toml"),
    hostsToml(`${options.registryUrl}/v2/unknown-host`),
  );
}

/** `server` is what containerd falls back to, so it names the same place: nothing goes to the upstream. */
function hostsToml(target: string): string {
  return [
    `server = "${target}"`,
    `override_path = true`,
    `capabilities = ["pull", "resolve"]`,
    "",
    `[host."${target}"]`,
    `  capabilities = ["pull", "resolve"]`,
    `  override_path = true`,
    "",
  ].join("\n");
}
