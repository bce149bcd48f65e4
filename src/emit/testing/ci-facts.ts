import type { CiFacts } from "../ci.ts";
import { expression } from "../github-actions/text.ts";

/** A company whose declaration lies in a folder of its repository. */
export const ciFacts: CiFacts = {
  company: "acme",
  folder: "platform",
  declaration: ".",
  packageFolder: ".",
  branch: "main",
  fleetUrl: "https://git.example.com/acme/fleet.git",
  node: "24.21.0",
  schedule: true,
};

/** Companies whose pipelines differ, by what is special. */
export const ciCompanies: [string, CiFacts][] = [
  ["a fleet behind a token", ciFacts],
  [
    "a fleet behind a deploy key",
    { ...ciFacts, fleetUrl: "ssh://git@git.example.com/acme/fleet.git", schedule: false },
  ],
  ["no Git host for the fleet", { ...ciFacts, fleetUrl: undefined }],
  [
    "names that mean something to a shell, to YAML and to the host",
    {
      ...ciFacts,
      folder: `it's $(date) #1: "${expression("secrets.A")}"`,
      declaration: "a b.yaml",
      branch: "o'clock/1",
    },
  ],
];
