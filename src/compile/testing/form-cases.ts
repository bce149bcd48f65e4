import type { BadCase } from "./bad-case.ts";

const webTs = `const web = app("web", { image: "nginx:1.27", ports: { http: 8080 } });`;

/** Wrong in form: found by the schemas. */
export const formCases: BadCase[] = [
  {
    name: "unknown key",
    code: "LF1004",
    what: "unknown key `imge` in apps.web",
    fix: "did you mean `image`?",
    at: "imge",
    yaml: ["  web:\n    image: nginx:1.27\n    imge: x"],
    ts: [`const web = app("web", {\n  image: "nginx:1.27",\n  imge: "x",\n} as never);`],
  },
  {
    name: "unknown key in a nested object",
    code: "LF1004",
    what: "unknown key `mx` in apps.web.scale",
    fix: "did you mean `max`?",
    at: "mx:",
    yaml: ["  web:\n    image: nginx:1.27\n    scale:\n      mx: 3"],
    ts: [`const web = app("web", {\n  image: "nginx:1.27",\n  scale: {\n    mx: 3 },\n} as never);`],
  },
  {
    name: "wrong type",
    code: "LF1003",
    what: "apps.web.scale.min: expected number, received string",
    fix: "The fewest pods.",
    at: "min",
    yaml: ["  web:\n    image: nginx:1.27\n    scale:\n      min: many"],
    ts: [`const web = app("web", {\n  image: "nginx:1.27",\n  scale: {\n    min: "many" },\n} as never);`],
  },
  {
    name: "wrong value of an enumeration",
    code: "LF1003",
    what: /apps\.web\.ports\.api\.protocol: Invalid option: expected one of "http"\|"grpc"\|"tcp"/,
    fix: "What is spoken on it",
    at: "protocol",
    yaml: ["  web:\n    image: nginx:1.27\n    ports:\n      api:\n        port: 1\n        protocol: udp"],
    ts: [
      `const web = app("web", {\n  image: "nginx:1.27",\n  ports: { api: { port: 1,\n    protocol: "udp" } },\n} as never);`,
    ],
  },
  {
    name: "app name that is no DNS label",
    code: "LF1015",
    what: "apps.Web_1: must be a DNS label",
    fix: "Apps by name.",
    at: "Web_1",
    atTs: `app("Web_1"`,
    yaml: ["  Web_1: { image: nginx:1.27 }"],
    ts: [`const web = app("Web_1", { image: "nginx:1.27" });`],
  },
  {
    name: "path that leaves the declaration's folder",
    code: "LF1003",
    what: "apps.web.source: must stay inside the declaration's folder",
    fix: "The folder landfall builds the image from",
    at: "source",
    yaml: ["  web:\n    source: ../elsewhere"],
    ts: [`const web = app("web", {\n  source: "../elsewhere",\n});`],
  },
  {
    name: "branch that Git refuses",
    code: "LF1003",
    what: "fleet.branch: must be a name that Git takes for a branch",
    fix: "The branch Flux reads.",
    at: "branch",
    yaml: ["  web: { image: nginx:1.27 }", "fleet:\n  branch: release..next"],
    ts: [webTs, "fleet: {\n  branch: \"release..next\" }"],
  },
  {
    name: "two things of one name",
    code: "LF1008",
    what: /two apps are named web|keys must be unique/,
    fix: "rename one of them",
    at: "web:",
    atTs: `app("web", { image: "other:1"`,
    yaml: ["  web: { image: nginx:1.27 }\n  web: { image: other:1 }"],
    ts: [`${webTs}\nconst two = app("web", { image: "other:1" });`, "apps: [web, two]"],
  },
  {
    name: "fixed key in a patch",
    code: "LF1016",
    what: "`ports` cannot differ between environments",
    fix: "an environment may set image",
    at: "ports: { http: 9",
    yaml: [
      "  web:\n    image: nginx:1.27\n    environments:\n      prod:\n        ports: { http: 9 }",
      "environments: { prod: {} }",
    ],
    ts: [
      `const prod = environment("prod");\nconst web = app("web", { image: "nginx:1.27", environments: [prod.set({\n  ports: { http: 9 } } as never)] });`,
    ],
  },
  {
    name: "wrong type inside a patch",
    code: "LF1003",
    what: "apps.web.environments.prod.scale.max: expected number, received string",
    fix: /./,
    at: "max: ",
    yaml: [
      "  web:\n    image: nginx:1.27\n    environments:\n      prod:\n        scale:\n          max: lots",
      "environments: { prod: {} }",
    ],
    ts: [
      `const prod = environment("prod");\nconst web = app("web", { image: "nginx:1.27", environments: [prod.set({ scale: {\n  max: "lots" } } as never)] });`,
    ],
  },
];
