import { portName } from "../model/values.ts";
import { type Branch, branch, branches, text } from "./source.ts";

export interface ImportedPort {
  name: string;
  port: number;
  protocol: "http" | "grpc" | "tcp";
}

/**
 * The TCP ports of an app: the container's, else those its Service leads to. A port keeps its name where it has one
 * that fits, gets its Service's, or one made of its number.
 */
export function portsOf(container: Branch, service: Branch | undefined): ImportedPort[] {
  const services = branches(branch(service?.spec).ports);
  const declared = branches(container.ports).filter(({ protocol = "TCP" }) => protocol === "TCP");
  const numbers = services
    .filter(({ protocol = "TCP" }) => protocol === "TCP")
    .map(({ targetPort, port }) => targetPort ?? port)
    .filter((target) => typeof target === "number");
  const found = declared.length > 0 ? declared : numbers.map((containerPort): Branch => ({ containerPort }));
  const used = new Set<string | number>();
  return found.flatMap((own) => {
    const port = own.containerPort;
    if (typeof port !== "number" || used.has(port)) return [];
    const behind = services.find(
      ({ targetPort, port: p }) => (targetPort ?? p) === port || targetPort === own.name,
    );
    const name = [text(own.name), text(behind?.name), `tcp-${port}`].find(
      (n) => n !== undefined && portName.safeParse(n).success && !used.has(n),
    );
    if (!name) return [];
    used.add(name).add(port);
    return [{ name, port, protocol: protocolOf(own, behind, container, port) }];
  });
}

/** Told from what names, Services and probes say of it. */
function protocolOf(
  own: Branch,
  behind: Branch | undefined,
  container: Branch,
  port: number,
): ImportedPort["protocol"] {
  const words = `${own.name ?? ""} ${behind?.name ?? ""} ${behind?.appProtocol ?? ""}`.toLowerCase();
  const probes = [container.readinessProbe, container.livenessProbe, container.startupProbe].map(branch);
  const asks = (kind: string) =>
    probes.some((p) => kind in p && [port, own.name].includes(branch(p[kind]).port as never));
  if (/grpc|h2c/.test(words) || asks("grpc")) return "grpc";
  if (/\b(http|web)|metrics/.test(words) || (asks("httpGet") && !/https/.test(words))) return "http";
  return "tcp";
}
