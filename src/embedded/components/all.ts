import { certificatesFingerprint } from "../pki/fingerprint.ts";
import type { ProcessSpec } from "../supervisor/process-spec.ts";
import { apiserver } from "./apiserver.ts";
import { type ComponentContext, writeComponent } from "./component.ts";
import { containerd } from "./containerd.ts";
import { controllerManager, scheduler } from "./controllers.ts";
import { etcd } from "./etcd.ts";
import { extraProcess } from "./extra.ts";
import { kubeProxy } from "./kube-proxy.ts";
import { kubelet } from "./kubelet.ts";
import { kwok } from "./kwok.ts";
import { registry } from "./registry.ts";

const everywhere = [etcd, apiserver, controllerManager, scheduler];
const byMode = { pods: [containerd, kubelet, kubeProxy, registry], simulated: [kwok] };

/** Every process of a cluster, its configuration files written. New certificates restart all of them. */
export function clusterProcesses(cx: ComponentContext): ProcessSpec[] {
  const components = [...everywhere, ...byMode[cx.state.mode]].map((make) => make(cx));
  components.push(...(cx.state.spec.processes ?? []).map((extra) => extraProcess(cx, extra)));
  const certificates = certificatesFingerprint(cx.layout.pki);
  return components.map((component) => {
    const spec = writeComponent(component);
    return { ...spec, configHash: `${spec.configHash}-${certificates}` };
  });
}
