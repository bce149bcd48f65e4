/**
 * Writes `src/schema/pack/` from the upstream projects' Go modules, so that `landfall build` needs Node alone.
 * Needs Go and a module cache or proxy. The output depends on the module versions below and on nothing else.
 *
 *     node scripts/schema-pack.ts [folder]
 */
import { join } from "node:path";
import { writeFileAtomic } from "../src/util/files.ts";
import { sha256 } from "../src/util/hash.ts";
import { generatedCrd } from "./schema-pack/controller-gen.ts";
import { type Crd, readCrds } from "./schema-pack/crds.ts";
import { foldedJson, linesJson } from "./schema-pack/format.ts";
import { type ModuleVersion, openModule } from "./schema-pack/go-modules.ts";
import { kubernetesPack } from "./schema-pack/kubernetes.ts";

/** Which upstream files make which bundle. A new bundle is one entry here. */
const bundles: Record<string, { from: ModuleVersion; files: string[] }[]> = {
  "gateway-api": [
    {
      from: ["sigs.k8s.io/gateway-api", "v1.6.1"],
      files: [
        "backendtlspolicies",
        "gatewayclasses",
        "gateways",
        "grpcroutes",
        "httproutes",
        "listenersets",
        "referencegrants",
        "tcproutes",
        "tlsroutes",
        "udproutes",
      ].map((plural) => `config/crd/standard/gateway.networking.k8s.io_${plural}.yaml`),
    },
  ],
  flux: [
    {
      from: ["github.com/fluxcd/kustomize-controller", "v1.9.5"],
      files: ["config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml"],
    },
    {
      from: ["github.com/fluxcd/source-controller", "v1.9.5"],
      files: ["buckets", "externalartifacts", "gitrepositories", "ocirepositories"].map(
        (plural) => `config/crd/bases/source.toolkit.fluxcd.io_${plural}.yaml`,
      ),
    },
  ],
  flagger: [{ from: ["github.com/fluxcd/flagger", "v1.41.0"], files: ["artifacts/flagger/crd.yaml"] }],
  "external-dns": [
    {
      from: ["sigs.k8s.io/external-dns", "v0.22.0"],
      files: ["config/crd/standard/dnsendpoints.externaldns.k8s.io.yaml"],
    },
  ],
};

/** Modules that publish only Go types; their CRDs are made by controller-gen, as upstream makes them. */
const generated: Record<string, { from: ModuleVersion; packages: string; tool: ModuleVersion }> = {
  "flux-source-watcher": {
    from: ["github.com/fluxcd/source-watcher/api/v2", "v2.2.4"],
    packages: "v1beta1",
    tool: ["sigs.k8s.io/controller-tools", "v0.19.0"],
  },
};

const kubernetes: ModuleVersion = ["k8s.io/kubernetes", "v1.36.3"];

/** Index rows: [source, namespaced, plural], by `apiVersion/kind`. */
type Index = Record<string, [source: string, namespaced: boolean, plural: string]>;

interface Input {
  module: string;
  version: string;
  sum: string;
  files: Record<string, string>;
}

const folder = process.argv[2] ?? join(import.meta.dirname, "../src/schema/pack");
const index: Index = {};
const sources: Record<string, Input[]> = {};

function writeKubernetes(): void {
  const module = openModule(kubernetes);
  const minor = kubernetes[1].replace(/^v(\d+\.\d+)\..*/, "$1");
  const name = `kubernetes-${minor}`;
  const swagger = module.read("api/openapi-spec/swagger.json");
  const goTypes = module.read("pkg/generated/openapi/zz_generated.openapi.go");
  const pack = kubernetesPack(swagger, goTypes);
  for (const kind of pack.kinds) index[kind.id] = [name, kind.namespaced, kind.plural];
  const definitions = Object.fromEntries(pack.kinds.map((kind) => [kind.id, kind.definition]));
  writeFileAtomic(
    join(folder, `${name}.json`),
    linesJson({ kinds: definitions, definitions: pack.definitions }),
  );
  sources[name] = [module.used()];
}

function writeBundle(name: string, crds: Crd[], inputs: Input[]): void {
  crds.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const { spec } of crds) {
    for (const version of spec.versions.filter((v) => v.served)) {
      const id = `${spec.group}/${version.name}/${spec.names.kind}`;
      index[id] = [`crds/${name}`, spec.scope === "Namespaced", spec.names.plural];
    }
  }
  writeFileAtomic(join(folder, "crds", `${name}.json`), foldedJson(crds));
  sources[`crds/${name}`] = inputs;
}

writeKubernetes();
for (const [name, parts] of Object.entries(bundles)) {
  const modules = parts.map((part) => ({ module: openModule(part.from), files: part.files }));
  const crds = modules.flatMap(({ module, files }) => files.flatMap((file) => readCrds(module.read(file))));
  writeBundle(
    name,
    crds,
    modules.map(({ module }) => module.used()),
  );
}
for (const [name, { from, packages, tool }] of Object.entries(generated)) {
  const module = openModule(from);
  const toolModule = openModule(tool);
  for (const file of module.list(packages, ".go")) module.read(file);
  const yaml = generatedCrd(from, packages, tool);
  writeBundle(name, readCrds(yaml), [module.used(), toolModule.used()]);
}
writeFileAtomic(join(folder, "index.json"), linesJson({ kinds: sorted(index) }));
const text = `${JSON.stringify(sorted(sources), null, 2)}\n`;
writeFileAtomic(join(folder, "sources.json"), text);
console.log(`${Object.keys(index).length} kinds written to ${folder} (sources ${sha256(text).slice(0, 12)})`);

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
