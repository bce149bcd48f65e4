import type { Plan } from "../../compile/plan.ts";
import { declaredName, type HelmApp } from "./apps.ts";

/** What somebody finds who opens the folder and knows only Helm. */
export function helmReadme(plan: Plan, apps: HelmApp[]): string {
  const first =
    apps.find(({ placements }) => placements.some(({ placed }) => placed.callees.length > 0)) ?? apps[0];
  const { app = "APP", placements: [example] = [], groups: [group] = [] } = first ?? {};
  const namespace = example?.placed.namespace ?? plan.company;
  const environment = group?.name ?? "ENVIRONMENT";
  const called = example?.placed.callees.map(declaredName)[0];
  return `# The apps of ${plan.company}, for Helm

Written by \`landfall export helm\` from the declaration. The chart gives the very objects that landfall renders.

| path | content |
|---|---|
| \`chart\` | one generic chart; \`values.yaml\` has the defaults, \`values.schema.json\` says what each key means |
| \`values/<app>/<environment>.yaml\` | all values of an app there; \`<environment>.<cluster>.yaml\` where its clusters differ |
| \`apps/<app>\` | a chart of an app with those it calls, each switched by \`<called app>.enabled\` |
| \`clusters/<cluster>\` | its releases in order, in the form of Helmfile, and its namespaces |
| \`secrets/<namespace>/<environment>\` | Secrets, encrypted with SOPS |

One app:

    kubectl apply -f clusters/${example?.cluster ?? "CLUSTER"}/namespaces.yaml
    helm upgrade --install ${app} chart --namespace ${namespace} -f values/${app}/${environment}.yaml
${called ? withCalled(app, namespace, environment, called) : ""}
Another version is \`--set image.tag=…\`. On a cluster where Flux already applied the objects, suspend their Kustomizations
first, then give \`--take-ownership\`.

Secrets are never values of a chart. Their files are encrypted for the age recipients in the declaration's \`.sops.yaml\`,
and each Secret is named by its content, as the values refer to it:

    sops decrypt secrets/NAMESPACE/ENVIRONMENT/SECRET.yaml | kubectl apply -f -

What the apps stand on is not here: DNS, the Gateway, metrics, and the custom resources of Gateway API are parts, which
the fleet repo holds. A values file names those of its clusters under \`platform\`.
`;
}

function withCalled(app: string, namespace: string, environment: string, called: string): string {
  return `
The app with one that it calls, for a cluster that has neither:

    helm dependency build apps/${app}
    helm upgrade --install ${app} apps/${app} --namespace ${namespace} \\
      -f apps/${app}/values-${environment}.yaml --set ${called}.enabled=true
`;
}
