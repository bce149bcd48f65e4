import type { BadCase } from "./bad-case.ts";

const asks = (key: string) => ({ code: "LF2001", fix: `remove \`${key}\``, at: key });
/** Right, but no part gives an app what it asks for; objects that break schemas or policies. */
export const renderCases: BadCase[] = [
  {
    name: "app that needs a gateway",
    ...asks("expose"),
    what: "web needs a Gateway that routes attach to for its `expose`",
    yaml: ["  web:\n    image: nginx:1.27\n    ports: { http: 80 }\n    expose: [{ host: a.localhost }]"],
    ts: [
      `const web = app("web", { image: "nginx:1.27", ports: { http: 80 },\n  expose: [{ host: "a.localhost" }] });`,
    ],
  },
  {
    name: "app that needs an autoscaler's metrics",
    ...asks("scale"),
    what: "web needs the resource metrics API for its `scale`",
    yaml: ["  web:\n    image: nginx:1.27\n    scale: { max: 3 }"],
    ts: [`const web = app("web", { image: "nginx:1.27",\n  scale: { max: 3 } });`],
  },
  {
    name: "app that needs storage",
    ...asks("volumes"),
    what: "web needs a provisioner of persistent volumes for its `volumes`",
    yaml: ["  web:\n    image: nginx:1.27\n    volumes: { data: { path: /data, size: 1Gi } }"],
    ts: [
      `const web = app("web", { image: "nginx:1.27",\n  volumes: { data: { path: "/data", size: "1Gi" } } });`,
    ],
  },
  {
    name: "raw object that fails its schema",
    code: "LF2004",
    what: /ConfigMap shop\/extra: data: must be an object/,
    fix: "correct what it is rendered from",
    at: "web:",
    atTs: `app("web"`,
    yaml: [
      "  web:\n    image: nginx:1.27\n    raw: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: extra, namespace: shop }, data: text }]",
    ],
    ts: [
      `const web = app("web", { image: "nginx:1.27", raw: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "extra", namespace: "shop" }, data: "text" }] });`,
    ],
  },
  {
    name: "raw object of an unknown kind",
    code: "LF2007",
    what: /Widget shop\/extra: no schema is known for example\.com\/v1\/Widget/,
    fix: /./,
    at: "web:",
    yaml: [
      "  web:\n    image: nginx:1.27\n    raw: [{ apiVersion: example.com/v1, kind: Widget, metadata: { name: extra, namespace: shop } }]",
    ],
  },
  {
    name: "raw object that is made already",
    code: "LF2006",
    what: "ServiceAccount shop/web is made by app-web and by app-web",
    fix: "rename one of the two",
    at: "web:",
    yaml: [
      "  web:\n    image: nginx:1.27\n    raw: [{ apiVersion: v1, kind: ServiceAccount, metadata: { name: web, namespace: shop } }]",
    ],
  },
  {
    name: "image without a version",
    code: "LF2005",
    what: "Deployment shop/web: container web uses an image without a version",
    fix: "name a version or a digest",
    at: "web:",
    yaml: ["  web:\n    image: nginx"],
  },
];
