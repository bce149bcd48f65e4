/** The policy set for people: what every object must keep, and how an app is let off. */
import { policies } from "../../compile/policies/index.ts";

/** `docs/policies.md` as Markdown, from the rules alone. */
export function policiesPage(): string {
  const rows = policies.map(({ id, title, why, fix, severity, profile }) =>
    [`\`${id}\``, severity, profile ?? "–", title, why, fix].join(" | "),
  );
  return `# Policies

Generated from the rules in \`src/compile/policies\`. \`check\`, \`build\` and \`plan\` hold every object of every cluster against
them before anything is written. An error stops the run, a warning and an info do not.

An app that cannot keep a rule waives it, with a reason and the last day that this holds:

\`\`\`yaml
apps:
  legacy:
    image: registry.example.com/legacy:4.2.1
    namespace: legacy
    waive:
      - { rule: non-root, reason: the vendor's program starts as root, until: 2027-01-31 }
\`\`\`

- From 14 days before its end a waiver is a warning; after it an error (LF2010), since the rule counts again.
- A waiver that nothing needs is a warning, so that it does not hide the day on which the rule is broken.
- Where a rule of Pod Security is waived, the app's namespace gets the strictest profile that admits its pods: for a rule
  of \`restricted\` it is \`baseline\`, for a rule of \`baseline\` it is \`privileged\`. All pods of that namespace are admitted by
  that profile, so give such an app a namespace of its own; sharing one is a warning (LF2013).

| rule | severity | Pod Security | what holds | why | fix |
|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join("\n")}
`;
}
