/** Everything a part is made of. Parts import from here only. */

export { filledCommand, hooksOf, type ReleaseHook } from "../model/app-hooks.ts";
export { type AnalysedRelease, analysedRelease } from "../model/app-release.ts";
export { bytes, duration, field, hostname } from "../model/values.ts";
export type { KubernetesObject } from "../schema/object.ts";
export { crdBundle } from "../schema/pack.ts";
export { quantityOf as bytesIn } from "../util/quantity.ts";
export { contentName } from "./content-name.ts";
export type { ImageReference } from "./image.ts";
export {
  appLabel,
  labelsOf,
  type Owner,
  partLabel,
  primarySuffix,
  rolesAnnotation,
  scrapeAnnotations,
} from "./labels.ts";
export { anyEdge, apiServerEdge, dnsEdge, type Edge, networkPolicy, scrapeEdge } from "./network.ts";
export { pageOption, pageRoute, showsPages } from "./page.ts";
export { contribute, definePart, type PartContext, provide } from "./part.ts";
export { type AppPort, type PlacedApp, servedPorts } from "./placed-app.ts";
export { httpProbe, spread } from "./pod.ts";
export { clusterRole, clusterRoleBinding, namespacedRole, type PolicyRule, roleBinding } from "./rbac.ts";
export { isReleaseScaled, isTested, memoryLimitOf, releasedPort } from "./released-app.ts";
export { requestSeries } from "./requests.ts";
export { optional } from "./token.ts";
export * from "./tokens.ts";
export {
  configMap,
  disruptionBudget,
  headlessService,
  service,
  serviceAccount,
  workload,
} from "./workload.ts";
