import { type Program, set } from "../program.ts";

export const controllers: readonly Program[] = [
  {
    name: "coredns",
    module: "controllers",
    package: "./coredns",
    version: "1.15.0",
    tag: "1.15.0",
    ldflags: [],
    aliases: [],
    kind: "image",
  },
  {
    name: "traefik",
    module: "controllers",
    package: "github.com/traefik/traefik/v3/cmd/traefik",
    version: "3.6.12",
    tag: "v3.6.12",
    ldflags: [
      set("github.com/traefik/traefik/v3/pkg/version.Version", "3.6.12"),
      set("github.com/traefik/traefik/v3/pkg/version.Codename", "ramequin"),
    ],
    aliases: [],
    kind: "image",
  },
  {
    name: "local-path-provisioner",
    module: "controllers",
    package: "github.com/rancher/local-path-provisioner",
    version: "0.0.30",
    tag: "v0.0.30",
    ldflags: [set("main.VERSION", "v0.0.30")],
    aliases: [],
    kind: "image",
  },
  {
    name: "flagger",
    module: "flagger",
    package: "github.com/fluxcd/flagger/cmd/flagger",
    version: "1.36.1",
    tag: "1.36.1",
    ldflags: [],
    aliases: [],
    kind: "image",
  },
];
