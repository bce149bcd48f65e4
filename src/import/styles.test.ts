import { describe, expect, it } from "vitest";
import { expectFaithful, importYaml, rendered } from "./testing/faithful.ts";
import { deployment, styles } from "./testing/styles.ts";

describe("manifests as they are found", () => {
  it.each(styles)("$name", ({ yaml, as = {}, env }) => {
    const imported = importYaml(yaml);
    expectFaithful(imported);
    const outcomes = Object.fromEntries(imported.outcomes.map((o) => [o.object, o.as]));
    expect(outcomes).toMatchObject(as);
    if (env) expect(imported.tree.apps.web?.env).toEqual(env);
  });
});

interface Made {
  spec: { template: { spec: { containers: { env: object[] }[] } } };
}

describe("what is no text where text belongs", () => {
  it("is what Kubernetes would read, is kept, and is told", () => {
    const imported = importYaml(
      deployment("web", "          env: [{name: A, value: yes}, {name: B, value: 0644}]\n"),
    );
    expect(imported.notes.join("\n")).toContain("Kubernetes would refuse it");
    const made = rendered(imported)[0] as unknown as Made;
    expect(made.spec.template.spec.containers[0]?.env).toEqual([
      { name: "A", value: true },
      { name: "B", value: 420 },
    ]);
  });
});
