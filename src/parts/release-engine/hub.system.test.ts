/** The engine as a hub runs it: by the files that the part renders, and with the rights that it renders, no others. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { program, run } from "../../cli/testing/landfall.ts";
import { type ClusterClient, connect } from "../../cluster/client.ts";
import { refusedWith } from "../../cluster/errors.ts";
import { hasApiServer, startApiServer, type TestApiServer } from "../../cluster/testing/api-server.ts";
import { crdBundle } from "../../kit/index.ts";
import { renderPart, theOne } from "../../kit/testing/render-part.ts";
import { type GitHost, startGitHost } from "../../platform/testing/git-host.ts";
import { findSshd, startSshHost } from "../../platform/testing/ssh-host.ts";
import { releaseEngine } from "./part.ts";

const namespace = "release-engine";
const url = "https://git.example.com/fleet.git";
const objects = renderPart(releaseEngine, {
  ...{ cluster: "kubernetes", gitUrl: url },
  options: { hub: "here", kubeconfig: "clusters" },
});
const crds = (["flux", "flux-source-watcher", "flagger", "gateway-api", "external-dns"] as const).flatMap(
  (name) => [...crdBundle(name)],
);
const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };

describe.skipIf(!hasApiServer())("the engine on a hub", { timeout: 300_000 }, () => {
  let folder: string;
  let server: TestApiServer;
  let admin: ClusterClient;
  let token: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "landfall-hub-"));
    server = await startApiServer({ rbac: true });
    admin = connect({ kubeconfig: server.kubeconfig });
    const made = ["release-engine", "store", "sink", "delivery", "names"].map((name) => ({
      ...{ apiVersion: "v1", kind: "Namespace", metadata: { name } },
    }));
    const rights = objects.filter(({ kind }) => /Role|ServiceAccount/.test(kind));
    for (const object of [...made, ...crds, ...rights]) await admin.apply(object);
    const asked = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 3600 },
    };
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/release-engine/token`;
    token = JSON.parse((await admin.raw(path, { body: asked })).text).status.token;
  }, 90_000);
  afterAll(async () => {
    admin?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The rendered files, with the paths of a pod led to this folder. */
  function settings(fleetToken: string): string {
    const config = JSON.parse(readFileSync(server.kubeconfig, "utf8"));
    const ca = Buffer.from(config.clusters[0].cluster["certificate-authority-data"], "base64");
    const here: [string, string][] = [
      ["/etc/landfall", folder],
      ["/etc/fleet", folder],
      ["/etc/clusters", folder],
      ["/var/run/secrets/kubernetes.io/serviceaccount", folder],
      ["https://kubernetes.default.svc", server.url],
      ["/usr/local/bin/node", process.execPath],
      ['"port": 8080', '"port": 0'],
    ];
    const files = { ...(theOne(objects, "ConfigMap").data as Record<string, string>) };
    for (const [name, text] of Object.entries(files)) {
      const led = here.reduce((all, [from, to]) => all.replaceAll(from, to), text);
      writeFileSync(join(folder, name), led, { mode: 0o755 });
    }
    const secrets = { username: "landfall", password: `${fleetToken}\n`, token, "ca.crt": ca };
    for (const [name, content] of Object.entries(secrets)) writeFileSync(join(folder, name), content);
    return join(folder, "hub.json");
  }

  const asEngine = () => {
    settings("s3cret");
    return connect({ kubeconfig: join(folder, "own.kubeconfig") });
  };

  test("may read what it looks at, ask the metrics store, and tell the alert sink", async () => {
    const client = asEngine();
    try {
      for (const [apiVersion, kind] of [
        ["kustomize.toolkit.fluxcd.io/v1", "Kustomization"],
        ["source.extensions.fluxcd.io/v1beta1", "ArtifactGenerator"],
        ["flagger.app/v1beta1", "Canary"],
        ["apps/v1", "Deployment"],
        ["apps/v1", "StatefulSet"],
        ["v1", "Pod"],
        ["v1", "Event"],
      ] as const) {
        expect(await client.list({ apiVersion, kind }, { namespace: "delivery" })).toEqual([]);
        expect(await client.get({ apiVersion, kind }, "none", "delivery")).toBeUndefined();
      }
      const proxy = (service: string) =>
        `/api/v1/namespaces/${service.split(":")[0]}/services/${service}/proxy`;
      const answers = await Promise.all([
        client.raw(`${proxy("store:9000")}/api/v1/query?query=up`),
        client.raw(`${proxy("sink:9099")}/api/v2/alerts`, { body: [] }),
        client.raw(`${proxy("store:9001")}/`),
        client.raw(`${proxy("store:9000")}/api/v1/admin/tsdb/delete_series`, { body: {} }),
        client.raw(`${proxy("sink:9099")}/api/v2/silences`),
      ]);
      // There is no such Service here: who may ask is told so, all others are refused.
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 403, 403, 403]);
    } finally {
      client.close();
    }
  });

  test("may do nothing else: every verb of every resource the API server has", async () => {
    const client = asEngine();
    try {
      const everywhere = [
        ...[
          "artifactgenerators",
          "deployments",
          "events",
          "kustomizations",
          "pods",
          "statefulsets",
          "canaries",
        ].flatMap((resource) => [`get ${resource}`, `list ${resource}`]),
        ...["gateways", "httproutes", "grpcroutes"].map((resource) => `list ${resource}`),
      ];
      expect(await allowed(client, "delivery")).toEqual(everywhere.sort());
      // Where external-dns reads what names shall say.
      const kept = ["list", "create", "patch", "delete"].map((verb) => `${verb} dnsendpoints`);
      expect(await allowed(client, "names")).toEqual([...everywhere, ...kept].sort());
      const metadata = { name: "other", namespace };
      for (const name of ["other", "kube-scheduler"])
        await expect(client.get(lease, name, namespace)).rejects.toSatisfy((e) => refusedWith(e) === 403);
      await expect(client.apply({ ...lease, metadata })).rejects.toSatisfy((e) => refusedWith(e) === 403);
      await expect(
        client.get({ apiVersion: "v1", kind: "Secret" }, "fleet-push", namespace),
      ).rejects.toSatisfy((e) => refusedWith(e) === 403);
    } finally {
      client.close();
    }
  });

  describe("as a process", () => {
    let host: GitHost;
    let env: Record<string, string>;
    let child: ChildProcess | undefined;
    beforeAll(async () => {
      host = await startGitHost("s3cret");
      const home = join(folder, "home");
      mkdirSync(home);
      const rule = `[url "${host.url}/"]\n  insteadOf = https://git.example.com/\n[user]\n  name = ada\n  email = ada@example.com\n`;
      writeFileSync(join(home, ".gitconfig"), rule);
      env = { HOME: home, LANDFALL_HOME: join(home, ".landfall"), GIT_ASKPASS: join(folder, "askpass") };
    });
    afterAll(async () => {
      child?.kill("SIGKILL");
      await host?.stop();
    });

    test("leads by the lease, takes a queued release on, and gives the lease up when it is told to end", async () => {
      const file = settings("s3cret");
      await queueRelease(env);
      await kustomizationOfAnother();
      child = spawn(process.execPath, [program, "release", "run", "--json", "--hub", file], {
        env: { PATH: process.env.PATH, ...env },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      child.stdout?.on("data", (data) => (said += data));
      const actions = () => [...said.matchAll(/"action":"(\w+)"/g)].map(([, action]) => action);
      await vi.waitFor(() => expect(actions()).toEqual(["start", "advance"]), {
        timeout: 60_000,
        interval: 200,
      });
      const holder = async () =>
        (await admin.get(lease, namespace, namespace))?.spec as Record<string, unknown>;
      expect(await holder()).toMatchObject({ holderIdentity: hostname() });
      // It goes on looking at what the cluster says, and is refused nothing on the way.
      await vi.waitFor(() => expect(said).toContain(": rolls out 0 of 1"), {
        timeout: 60_000,
        interval: 200,
      });
      expect(said).not.toMatch(/forbidden|no way/i);
      expect(await host.show("apps/web.yaml")).toContain("web:1.0.0");
      const ended = new Promise((done) => child?.once("exit", done));
      child.kill("SIGTERM");
      await ended;
      expect(await holder()).toMatchObject({ holderIdentity: "" });
    });
  });

  /** What Flux says of a revision that is unknown here, so that its ArtifactGenerator is asked whose it is. */
  async function kustomizationOfAnother(): Promise<void> {
    const kustomization = {
      apiVersion: "kustomize.toolkit.fluxcd.io/v1",
      kind: "Kustomization",
      metadata: { name: "app-web", namespace: "delivery" },
    };
    const sourceRef = { kind: "ExternalArtifact", name: "app-web" };
    await admin.apply({ ...kustomization, spec: { interval: "10m", prune: true, sourceRef } });
    const ready = {
      ...{ type: "Ready", status: "False", reason: "BuildFailed", message: "of another revision" },
      ...{ observedGeneration: 1, lastTransitionTime: new Date().toISOString() },
    };
    const revision = `latest@sha256:${"0".repeat(64)}`;
    const status = { observedGeneration: 1, lastAttemptedRevision: revision, conditions: [ready] };
    await admin.applyStatus({ ...kustomization, status } as never);
  }

  /** A fleet of one cluster with a release that waits for an engine. */
  async function queueRelease(env: Record<string, string>): Promise<void> {
    const company = join(folder, "company");
    mkdirSync(company);
    const declared = (version: string) => `landfall: 2
company: acme
clusters: { here: { type: kubernetes, context: here } }
fleet: { url: "${url}" }
parts: { flux: {} }
apps: { web: { image: "ghcr.io/acme/web:${version}" } }
`;
    const landfall = async (...args: string[]) => {
      const { code, stderr } = await run(process.execPath, [program, ...args], { cwd: company, env });
      expect(code, stderr).toBe(0);
    };
    writeFileSync(join(company, "landfall.config.yaml"), declared("1.0.0"));
    await landfall("build", "--commit");
    writeFileSync(join(company, "landfall.config.yaml"), declared("2.0.0"));
    await landfall("release", "start", "--no-follow", "--yes");
  }
});

const sshd = await findSshd();

test.skipIf(sshd === undefined)(
  "a deploy key logs in by the rendered settings, to the host that is known",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "landfall-hub-"));
    const ssh = await startSshHost(sshd ?? "");
    try {
      const rendered = renderPart(releaseEngine, {
        ...{ cluster: "kubernetes", gitUrl: ssh.url },
        options: { hub: "here" },
      });
      const { "ssh.conf": text = "" } = theOne(rendered, "ConfigMap").data as Record<string, string>;
      const config = join(folder, "ssh.conf");
      writeFileSync(config, text.replaceAll("/etc/fleet", folder));
      writeFileSync(join(folder, "identity"), ssh.key, { mode: 0o600 });
      const ask = (knownHosts: string) => {
        writeFileSync(join(folder, "known_hosts"), `${knownHosts}\n`);
        return run("git", ["ls-remote", ssh.url], {
          env: { GIT_SSH_COMMAND: `ssh -F ${config}`, HOME: folder },
        });
      };
      expect(await ask(ssh.knownHosts)).toMatchObject({ code: 0 });
      expect(await ask("")).toMatchObject({
        code: 128,
        stderr: expect.stringContaining("Host key verification failed"),
      });
    } finally {
      await ssh.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

/** `verb resource` of everything that a client may do in a namespace. */
async function allowed(client: ClusterClient, namespace: string): Promise<string[]> {
  const verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
  const found: string[] = [];
  for (const { group, resource, subresource } of await resourcesOf(client)) {
    for (const verb of verbs) {
      const attributes = { namespace, group, resource, subresource, verb };
      const review = {
        ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" },
        spec: { resourceAttributes: attributes },
      };
      const { text } = await client.raw("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
        body: review,
      });
      const { status } = JSON.parse(text) as { status: { allowed: boolean } };
      if (status.allowed) found.push(`${verb} ${resource}${subresource ? `/${subresource}` : ""}`);
    }
  }
  // Everybody who has logged in may ask what they are and may do.
  return found.filter((right) => !/^create selfsubject\w*reviews$/.test(right)).sort();
}

async function resourcesOf(client: ClusterClient) {
  const read = async (path: string) => JSON.parse((await client.raw(path)).text);
  const { groups } = (await read("/apis")) as { groups: { preferredVersion: { groupVersion: string } }[] };
  const paths = [
    "/api/v1",
    ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ];
  const lists = (await Promise.all(paths.map(read))) as {
    groupVersion: string;
    resources: { name: string }[];
  }[];
  return lists.flatMap(({ groupVersion, resources }) =>
    resources.map(({ name }) => {
      const [resource = "", subresource = ""] = name.split("/");
      return { group: groupVersion.includes("/") ? groupVersion.split("/")[0] : "", resource, subresource };
    }),
  );
}
