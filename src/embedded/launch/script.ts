/** A text as one word of the shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Kernel settings that the kubelet wants. They belong to the whole machine, so instead of letting it write
 * them, files that hold the wished values lie over them in the cluster's own mount namespace.
 */
const kubeletSettings: Record<string, number> = {
  "vm/overcommit_memory": 1,
  "vm/panic_on_oom": 0,
  "kernel/panic": 10,
  "kernel/panic_on_oops": 1,
  "kernel/keys/root_maxkeys": 1_000_000,
  "kernel/keys/root_maxbytes": 25_000_000,
};

/** What the script of process 1 needs to know. */
export interface ScriptInput {
  node: string;
  main: string;
  home: string;
  folder: string;
  stopFile: string;
}

/** For pods mode in addition. */
export interface PrivateViewInput {
  netnsSource: string;
  netnsTarget: string;
  data: string;
  procsFiles: string[];
}

/**
 * Keep the supervisor running until the stop file appears. This shell is process 1 of the namespace: it
 * reaps what is orphaned, and with its end the kernel ends every process of the cluster.
 */
export function loopScript(input: ScriptInput): string {
  return `cd /
while [ ! -e ${quote(input.stopFile)} ]; do
  ${quote(input.node)} ${quote(input.main)} ${quote(input.folder)} || :
  sleep 0.3
done
`;
}

/**
 * The cluster's own view of the machine, then the loop. /run is fresh; what is written to /var/lib and
 * /var/log stays in memory, except the folders that lie on the cluster's data. So programs with fixed
 * paths (shim sockets, CNI results, kubelet plugins, container logs) leave nothing on the host, and
 * every cluster uses the same short paths. LANDFALL_HOME stays itself, wherever it is.
 */
export function podsScript(input: ScriptInput & PrivateViewInput): string {
  const bind = (source: string, target: string) =>
    `mkdir -p ${quote(source)} ${target}; mount --bind ${quote(source)} ${target}`;
  const settings = Object.entries(kubeletSettings).map(
    ([name, value]) => `mask /proc/sys/${name} ${value} /run/landfall/settings/${name.replaceAll("/", "-")}`,
  );
  return `set -e
for file in ${input.procsFiles.map(quote).join(" ")}; do echo 0 2>/dev/null > "$file" || :; done
exec 8<${quote(input.netnsSource)} 9<${quote(input.home)}
mount -t tmpfs -o mode=755 landfall /run
mkdir -p /run/landfall/settings /run/lock /run/cni
for name in lib log; do
  mkdir -p /run/landfall/$name /run/landfall/$name.work
  mount -t overlay -o lowerdir=/var/$name,upperdir=/run/landfall/$name,workdir=/run/landfall/$name.work landfall /var/$name
done
case ${quote(`${input.home}/`)} in
  /run/*|/var/lib/*|/var/log/*)
    mkdir -p ${quote(input.home)}
    mount --no-canonicalize --bind /proc/self/fd/9 ${quote(input.home)};;
esac
: > ${quote(input.netnsTarget)}
mount --no-canonicalize --bind /proc/self/fd/8 ${quote(input.netnsTarget)}
exec 8<&- 9<&-
${bind(`${input.data}/kubelet`, "/var/lib/kubelet")}
${bind(`${input.data}/containerd`, "/var/lib/containerd")}
${bind(`${input.data}/pod-logs`, "/var/log/pods")}
${bind(`${input.data}/volumes`, "/var/lib/landfall/volumes")}
mask() { if [ -e "$1" ] && [ "$(cat "$1")" != "$2" ]; then echo "$2" > "$3"; mount --bind "$3" "$1"; fi; }
${settings.join("\n")}
mount --make-rshared /
set +e
${loopScript(input)}`;
}
