/** The real load tester, started as the part renders it, asked as Flagger asks it, about an app that answers for real. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compiled } from "../../compile/testing/declare.ts";
import { findBinary } from "../../embedded/binaries/find.ts";
import { freePort } from "../../embedded/machine/ports.ts";
import { theOne } from "../../kit/testing/render-part.ts";
import type { KubernetesObject } from "../../schema/object.ts";

const declaration = `
landfall: 2
company: shop
domain: shop.localhost
clusters: { local: { type: local } }
parts: { flux: {}, gateway-api: {}, traefik: {}, prometheus: {}, flagger: {}, load-tester: {} }
apps:
  web:
    image: nginx:1.27
    ports: { http: 8080, metrics: 9464 }
    expose: [{ host: shop.localhost }]
    release:
      canary:
        acceptance: 'test "$(curl -sf {{ url }}/version)" = 2'
        loadTest: hey -n 40 -c 4 {{ url }}/load
        hooks:
          - { name: visitor, type: pre-rollout, command: "hey -n 5 -c 1 -host {{ host }} {{ gateway }}/visit" }
          - { name: refuses, type: rollout, command: "curl -sf {{ url }}/missing || { echo no page; false; }" }
          - { name: asked, type: post-rollout, url: "http://elsewhere.test/" }
`;

interface Webhook {
  name: string;
  url: string;
  metadata?: Record<string, string>;
}

describe("the load tester", { timeout: 300_000 }, () => {
  const visits: { path: string; host: string }[] = [];
  let app: Server;
  let tester: ChildProcess | undefined;
  let address: string;
  let webhooks: Webhook[];

  beforeAll(async () => {
    const plan = await compiled({ "landfall.config.yaml": declaration });
    const objects = plan.clusters.flatMap(({ bundles }) => bundles.flatMap((bundle) => bundle.objects));
    webhooks = (theOne(objects, "Canary").spec as { analysis: { webhooks: Webhook[] } }).analysis.webhooks;
    app = createServer(({ url: path = "", headers: { host = "" } }, response) => {
      visits.push({ path, host });
      response.writeHead(path === "/missing" ? 404 : 200).end("2");
    }).listen(0, "127.0.0.1");
    await once(app, "listening");
    const port = await freePort();
    address = `http://127.0.0.1:${port}/`;
    tester = await start(argsOf(objects).map((arg) => (arg.startsWith("-port=") ? `-port=${port}` : arg)));
    await vi.waitFor(async () => expect((await fetch(`${address}healthz`)).status).toBe(200), 60_000);
  }, 600_000);

  afterAll(async () => {
    if (tester && tester.exitCode === null) {
      const ended = once(tester, "exit");
      tester.kill();
      await ended;
    }
    app?.close();
    app?.closeAllConnections();
  });

  /** Flagger's POST for a webhook of the rendered Canary; the app and the gateway are led to this machine. */
  async function ask(name: string, namespace = "shop"): Promise<{ status: number; text: string }> {
    const { metadata, url } = webhooks.find((webhook) => webhook.name === name) as Webhook;
    expect(url).toBe("http://load-tester.load-tester:8080/");
    const here = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    const cmd = metadata?.cmd
      ?.replace("http://web-canary.shop:8080", here)
      .replace("http://traefik.traefik", here);
    const payload = {
      ...{ name: "web", namespace, phase: "Progressing", checksum: "5b3c6d8f9" },
      metadata: { ...metadata, cmd },
    };
    const answer = await fetch(address, {
      ...{ method: "POST", headers: { "content-type": "application/json" } },
      body: JSON.stringify(payload),
    });
    return { status: answer.status, text: await answer.text() };
  }
  const visitsTo = (path: string) => visits.filter((visit) => visit.path === path);

  test("passes an acceptance test that the new version passes", async () => {
    expect(await ask("acceptance")).toMatchObject({ status: 200 });
    expect(visitsTo("/version")).toHaveLength(1);
  });

  test("starts a load and lets it go on", async () => {
    expect(await ask("load-test")).toMatchObject({ status: 202 });
    await vi.waitFor(() => expect(visitsTo("/load")).toHaveLength(40), 60_000);
  });

  test("comes in by the gateway as a visitor of the app's host does", async () => {
    expect(await ask("visitor")).toMatchObject({ status: 200 });
    expect(visitsTo("/visit").map(({ host }) => host)).toEqual(Array(5).fill("shop.localhost"));
  });

  test("fails a command that fails, with what it said", async () => {
    const { status, text } = await ask("refuses");
    expect(status).toBe(500);
    expect(text).toContain("no page");
    expect(visitsTo("/missing")).toHaveLength(1);
  });

  test("runs nothing for a namespace without commands", async () => {
    visits.length = 0;
    for (const namespace of ["default", "shop-2", ""])
      expect(await ask("acceptance", namespace)).toMatchObject({ status: 403 });
    expect(visits).toEqual([]);
  });
});

function argsOf(objects: KubernetesObject[]): string[] {
  const { template } = theOne(objects, "Deployment", "load-tester").spec as {
    template: { spec: { containers: { args: string[] }[] } };
  };
  return template.spec.containers.flatMap(({ args }) => args);
}

/** hey is beside it, as in the image. */
async function start(args: string[]): Promise<ChildProcess> {
  const { path } = await findBinary("loadtester", { download: false });
  const { path: hey } = await findBinary("hey", { download: false });
  const env = { ...process.env, PATH: [dirname(hey), process.env.PATH].join(delimiter) };
  return spawn(path, args, { env, stdio: "ignore" });
}
