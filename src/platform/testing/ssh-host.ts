/** A Git host by SSH on loopback: Debian's sshd, unpacked in the cache and not installed, which lets in one key. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePorts } from "../../cluster/testing/api-server.ts";
import { messageOf } from "../../util/errors.ts";
import { makeFolderAtomic } from "../../util/files.ts";
import { cachePath } from "../../util/home.ts";

const exec = promisify(execFile);

export interface SshHost {
  /** Of its empty repository. */
  url: string;
  /** The private key that it lets in. */
  key: string;
  /** Its own public key, as a line of known_hosts. */
  knownHosts: string;
  /** The commit of `main`, or undefined while there is none. */
  head(): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** Where sshd is, or undefined with a word on stderr: it takes root, and the packages. */
export async function findSshd(): Promise<string | undefined> {
  const folder = cachePath("judges", "sshd");
  try {
    if (process.getuid?.() !== 0) throw new Error("it takes root");
    await makeFolderAtomic(folder, async (aside) => {
      const download = ["download", "-qq", "-o", "APT::Sandbox::User=root", "openssh-server", "libwrap0"];
      await exec("apt-get", download, { cwd: aside });
      await exec("sh", ["-c", "for deb in *.deb; do dpkg -x $deb .; done && rm *.deb"], { cwd: aside });
    });
    return folder;
  } catch (error) {
    process.stderr.write(`skipped: sshd cannot be had: ${messageOf(error).split("\n")[0]}\n`);
    return undefined;
  }
}

export async function startSshHost(sshd: string): Promise<SshHost> {
  const root = mkdtempSync(join(tmpdir(), "landfall-ssh-host-"));
  const [port = 0] = await freePorts(1);
  const repo = join(root, "fleet.git");
  await exec("git", ["init", "--quiet", "--bare", "--initial-branch=main", repo]);
  for (const name of ["host", "user"])
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(root, name)]);
  const read = (name: string) => readFileSync(join(root, name), "utf8");
  const settings = [
    ...[`Port ${port}`, "ListenAddress 127.0.0.1", "PermitRootLogin yes", "StrictModes no", "UsePAM no"],
    ...[`HostKey ${join(root, "host")}`, `AuthorizedKeysFile ${join(root, "user.pub")}`, "PidFile none"],
  ];
  writeFileSync(join(root, "config"), `${settings.join("\n")}\n`);
  writeFileSync(join(root, "passwd"), "root:x:0:0::/root:/bin/sh\nsshd:x:101:65534::/:/usr/sbin/nologin\n");
  // The user that sshd drops to is there for it alone, in a mount namespace.
  const script = `mount --bind '${root}/passwd' /etc/passwd && mount -t tmpfs none /run && mkdir /run/sshd && exec '${sshd}/usr/sbin/sshd' -D -e -f '${root}/config'`;
  const child = spawn("unshare", ["--mount", "sh", "-c", script], {
    env: { PATH: process.env.PATH, LD_LIBRARY_PATH: join(sshd, "usr/lib/x86_64-linux-gnu") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const stop = async () => {
    await end(child);
    rmSync(root, { recursive: true, force: true });
  };
  await listening(child).catch(async (error) => {
    await stop();
    throw error;
  });
  return {
    url: `ssh://root@127.0.0.1:${port}${repo}`,
    key: read("user"),
    knownHosts: `[127.0.0.1]:${port} ${read("host.pub").split(" ").slice(0, 2).join(" ")}`,
    head: async () => {
      const args = ["-C", repo, "for-each-ref", "--format=%(objectname)", "refs/heads/main"];
      return (await exec("git", args)).stdout.trim() || undefined;
    },
    stop,
  };
}

async function listening(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.on("data", (data) => {
    said += data;
  });
  for (const from = Date.now(); Date.now() - from < 20_000; await sleep(50)) {
    if (said.includes("Server listening")) return;
    if (child.exitCode !== null) break;
  }
  throw new Error(`sshd does not listen: ${said}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await gone;
}
