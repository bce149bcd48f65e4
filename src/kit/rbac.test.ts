import { expect, it } from "vitest";
import { validateObject } from "../schema/validate.ts";
import { partLabel } from "./labels.ts";
import { clusterRole, clusterRoleBinding } from "./rbac.ts";

const account = { name: "reader", namespace: "acme" };
const owner = { label: partLabel, name: "sample" } as const;

it("binds the role it makes to the account, and names it so that nobody else's is met", () => {
  const [role, binding] = clusterRole(account, owner, [
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ]);
  expect(role?.metadata.name).toBe("landfall:reader");
  expect(binding).toMatchObject({
    roleRef: { kind: "ClusterRole", name: "landfall:reader" },
    subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "acme" }],
  });
  for (const object of [role, binding])
    expect(object && validateObject(object, { kubernetes: "1.36" })).toEqual([]);
});

it("binds a role that is there already", () => {
  const binding = clusterRoleBinding("landfall:x", "cluster-admin", account, owner);
  expect(binding).toMatchObject({ metadata: { name: "landfall:x" }, roleRef: { name: "cluster-admin" } });
  expect(validateObject(binding, { kubernetes: "1.36" })).toEqual([]);
});
