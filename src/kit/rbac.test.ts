import { expect, it } from "vitest";
import { validateObject } from "../schema/validate.ts";
import { partLabel } from "./labels.ts";
import { clusterRole, clusterRoleBinding, namespacedRole, roleBinding } from "./rbac.ts";

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

it("gives rights in one namespace: the account's own, or another one's", () => {
  const [role, own] = namespacedRole(account, owner, [
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
  ]);
  expect(role?.metadata).toMatchObject({ name: "reader", namespace: "acme" });
  expect(own).toMatchObject({
    metadata: { name: "reader", namespace: "acme" },
    roleRef: { kind: "Role", name: "reader" },
  });
  const there = roleBinding(
    { name: "x", namespace: "other" },
    { kind: "ClusterRole", name: "view" },
    account,
    owner,
  );
  expect(there).toMatchObject({
    metadata: { name: "x", namespace: "other" },
    roleRef: { kind: "ClusterRole", name: "view" },
    subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "acme" }],
  });
  for (const object of [role, own, there])
    expect(object && validateObject(object, { kubernetes: "1.36" })).toEqual([]);
});
