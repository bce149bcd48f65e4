const dropServedApi = `$patch: delete
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata:
  name: served-by-pods
`;

const kustomizations = { group: "kustomize.toolkit.fluxcd.io", kind: "Kustomization" };

/**
 * Patches of the root Kustomization for a cluster whose pods are simulated. Each Kustomization that it applies leaves
 * out APIServices: their Services have no server, and a registered API that does not answer fails discovery for
 * everybody and keeps namespaces from being deleted.
 */
export const withoutServedApis = [
  {
    target: kustomizations,
    patch: JSON.stringify([
      {
        op: "add",
        path: "/spec/patches",
        value: [{ target: { kind: "APIService" }, patch: dropServedApi }],
      },
    ]),
  },
];
