/**
 * Imports go one way (docs/architecture.md). Each folder of src names what it may import; tests may reach further.
 * No folder names a part: parts are met through the registry alone.
 */
const may = {
  util: [],
  schema: ["util"],
  secrets: ["util", "schema"],
  model: ["util", "schema", "secrets"],
  kit: ["util", "schema", "secrets", "model"],
  parts: ["util", "schema", "model", "kit"],
  compile: ["util", "schema", "secrets", "model", "kit"],
  cluster: ["util", "schema"],
  graph: ["util"],
  changes: ["util", "schema", "graph"],
  release: ["util", "schema"],
  dns: ["util", "schema"],
  import: ["util", "schema", "model", "kit", "compile"],
  emit: ["util", "schema", "secrets", "model", "kit", "compile", "dns"],
  migrate: ["util", "model", "compile", "emit"],
  embedded: ["util", "schema", "kit", "cluster"],
  platform: [
    "util",
    "schema",
    "secrets",
    "model",
    "kit",
    "compile",
    "cluster",
    "emit",
    "embedded",
    "graph",
    "changes",
    "release",
    "dns",
    "import",
  ],
  cli: [
    "util",
    "schema",
    "secrets",
    "model",
    "compile",
    "embedded",
    "dns",
    "graph",
    "platform",
    "changes",
    "release",
    "import",
    "migrate",
  ],
};

/** Exceptions, each with its reason. */
const besides = {
  // What a declaration imports is what it is evaluated with.
  model: ["^src/index\\.ts$"],
  // Publishing reads the fleet repo.
  embedded: ["^src/emit/git/"],
  // Commands hand the registry to the compiler.
  platform: ["^src/parts/index\\.ts$"],
  cli: ["^src/parts/index\\.ts$"],
  // The reference of all parts is one of the things landfall emits.
  emit: ["^src/parts/index\\.ts$"],
};

const tests = "\\.test\\.ts$|/testing/|/test-[a-z-]+\\.ts$";

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    ...Object.entries(may).map(([folder, allowed]) => ({
      name: `${folder}-imports-one-way`,
      severity: "error",
      from: { path: `^src/${folder}/`, pathNot: tests },
      to: {
        path: "^src/",
        pathNot: [...[folder, ...allowed].map((name) => `^src/${name}/`), ...(besides[folder] ?? [])],
      },
    })),
    {
      name: "parts-are-named-by-the-registry-alone",
      severity: "error",
      from: { path: "^(?:src|scripts)/", pathNot: `^src/parts/|${tests}` },
      to: { path: "^src/parts/", pathNot: "^src/parts/index\\.ts$" },
    },
    {
      name: "parts-never-import-parts",
      severity: "error",
      from: { path: "^src/parts/([^/]+)/", pathNot: tests },
      to: { path: "^src/parts/", pathNot: "^src/parts/$1/" },
    },
    {
      name: "programs-import-no-tests",
      severity: "error",
      from: { path: "^src/", pathNot: tests },
      to: { path: tests },
    },
    { name: "not-resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^examples/|/golden/" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
