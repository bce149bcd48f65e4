import { describe, expect, it } from "vitest";
import { validateObject } from "../schema/validate.ts";
import { appLabel } from "./labels.ts";
import { anyEdge, apiServerEdge, dnsEdge, type Edge, networkPolicy, scrapeEdge } from "./network.ts";

const policy = (ingress: Edge[], egress: Edge[] = []) =>
  networkPolicy({
    name: "api",
    namespace: "acme",
    owner: { label: appLabel, name: "api" },
    ingress,
    egress,
  });
const specOf = (ingress: Edge[], egress: Edge[] = []) =>
  policy(ingress, egress).spec as { ingress: unknown[]; egress: unknown[]; policyTypes: string[] };
const store = { pods: { namespace: "store", labels: { "landfall.dev/part": "store" } } };

describe("networkPolicy", () => {
  it("shuts both ways where nothing is listed", () => {
    expect(specOf([])).toEqual({
      podSelector: { matchLabels: { [appLabel]: "api" } },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [],
    });
  });

  it("names a peer by namespace and labels together, never by one of them alone", () => {
    const [rule] = specOf([{ pods: [store.pods], ports: [{ port: 9464 }] }]).ingress;
    expect(rule).toEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "store" } },
          podSelector: { matchLabels: store.pods.labels },
        },
      ],
      ports: [{ port: 9464, protocol: "TCP" }],
    });
  });

  it("opens to any peer only for an edge without peers, and on any port only for one without ports", () => {
    expect(specOf([{ ports: [{ port: 53, protocol: "UDP" }] }]).ingress).toEqual([
      { ports: [{ port: 53, protocol: "UDP" }] },
    ]);
    expect(specOf([], [anyEdge]).egress).toEqual([{}]);
    expect(specOf([], [{ cidrs: ["192.0.2.0/24"], ports: [] }]).egress).toEqual([
      { to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] },
    ]);
  });

  it("leaves out of a network only what is of its own family", () => {
    const edge = { except: ["10.0.0.0/8", "fc00::/7"], ports: [] };
    expect(specOf([], [{ ...edge, cidrs: ["0.0.0.0/0", "::/0"] }]).egress).toEqual([
      {
        to: [
          { ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } },
          { ipBlock: { cidr: "::/0", except: ["fc00::/7"] } },
        ],
      },
    ]);
  });

  it("passes the schema with every kind of edge", () => {
    const all = [anyEdge, apiServerEdge, dnsEdge(undefined), ...scrapeEdge(store, 1)];
    expect(validateObject(policy(all, all), { kubernetes: "1.36" })).toEqual([]);
  });
});

describe("edges", () => {
  it("lead to the DNS that the cluster has, else to where distributions run it", () => {
    const dns = { ip: "10.0.0.10", port: 1053, pods: { namespace: "names", labels: { a: "b" } } };
    expect(dnsEdge(dns)).toMatchObject({ pods: [dns.pods], ports: [{ port: 1053 }, { port: 1053 }] });
    const [rule] = specOf([], [dnsEdge(undefined)]).egress as { to: object[]; ports: object[] }[];
    const namespace = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
    expect(rule?.to).toMatchObject([
      {
        namespaceSelector: namespace("kube-system"),
        podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
      },
      { namespaceSelector: namespace("openshift-dns") },
      { ipBlock: { cidr: "169.254.0.0/16" } },
    ]);
    expect(rule?.ports).toEqual(
      [53, 5353].flatMap((port) => ["UDP", "TCP"].map((protocol) => ({ port, protocol }))),
    );
  });

  it("lead from the metrics store where there is one, else from nobody", () => {
    expect(scrapeEdge(store, 9464)).toEqual([{ pods: [store.pods], ports: [{ port: 9464 }] }]);
    expect(scrapeEdge(undefined, 9464)).toEqual([]);
  });
});
