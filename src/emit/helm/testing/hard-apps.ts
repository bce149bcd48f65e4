/** Every field of an app, with what YAML, Go templates or Helm's merging could get wrong. */
export const hardApps = String.raw`
landfall: 2
company: "null"
environments: { dev: {}, prod: { labels: { tier: prod } } }
clusters:
  home: { type: local, environment: dev }
  eu-1: { type: kubernetes, context: a, environment: prod, labels: { region: eu } }
  eu-2: { type: kubernetes, context: b, environment: prod, labels: { region: eu } }
  us-1: { type: kubernetes, context: c, environment: prod, labels: { region: us } }
  bare: { type: kubernetes, context: d }
moved: [{ from: cache, to: store }]
parts: { flux: {}, gateway-api: {}, traefik: {}, metrics-server: {}, local-path: {}, prometheus: {}, flagger: {} }
apps:
  "y":
    image: localhost:5000/y:1.0
    ports: { http: 8080, zeta: 1, alpha: { port: 2, protocol: grpc }, metrics: 9464 }
    command: []
    args: ["", "--x={{ .Values.image }}", "no", "012", "1e3", "a: b # c", "$(HOME)"]
    env:
      MILLION: 1000000
      BIG: 9007199254740991
      FRACTION: 0.1
      "ON": true
      "N": false
      YES: "yes"
      OCTAL: "0o14"
      TIME: "12:30:45"
      EMPTY: ""
      TEMPLATE: "{{ fail \"no\" }}"
      LINES: "a\n  b\r\n\tc\n"
      UNICODE: "é 🙂 \u2028 \u0085 \u007f \\u2028"
      APP_VERSION: mine
      GLOBAL_ADDR: mine-too
      SELF: { address: "y", port: alpha }
      OTHER: { address: store }
    calls: [global, plain, y-y, store]
    expose:
      - { host: y.localhost }
      - { host: "*.y.localhost", path: /a/b, port: zeta }
      - { host: g.localhost, port: alpha }
    probes: { live: { tcp: zeta }, ready: { grpc: alpha, service: "y" }, startSeconds: 3600 }
    scale: { min: 2, max: 5, cpu: 55 }
    resources: { cpu: "2", memory: "1.5Gi", memoryLimit: 2G }
    drainSeconds: 0
    disruption: { maxUnavailable: 2 }
    slo: { availability: 99.5 }
    labels: { tier: web }
    overrides:
      - { where: { environment: prod }, set: { scale: { min: 3 }, env: { YES: null, "ON": "off" } } }
      - { where: { environment: prod, region: us }, set: { image: "r.example:1/y:2@sha256:0123", expose: [] } }
  global:
    image: g@sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a
    ports: { metrics: 1234 }
    metrics: { port: metrics, path: "/m?a=b&c=<d>" }
    calls: ["y"]
    config:
      lines.txt: "\n  first\n\n last  \n\t"
      bare.txt: no end
      "on": "true"
      unicode.txt: "a\u2028b\u2029\u2028 \\u2028 \\\\u2028 \\\\\\u2028 <>& \u0001\b\f\u007f \"q\""
      object.json: { b: [1, 1000000, 1.5, null], a: { c: "<&>" } }
  plain:
    image: plain:1
    reaches: [{ to: internet }, { to: "2001:db8::/32", ports: [1, 65535] }, { to: 10.0.0.0/8 }, { to: gateway }]
    overrides: [{ where: { environment: prod }, set: { adjust: { omit: [PodDisruptionBudget] } } }]
  split:
    image: split:1
    ports: { web: { port: 8080, protocol: http }, http: 8081, grpc: 50051 }
    expose: [{ host: s.localhost }, { host: s2.localhost, port: http }, { host: s3.localhost, port: grpc }]
    weights: { split-v3: 5, split-v2: 25 }
    overrides: [{ where: { region: us }, set: { weights: { split-v3: 0, split-v2: 100 } } }]
  split-v2: { image: "split:2", ports: { tcp: 1, http: 8081, grpc: 2, h2: { port: 8080, protocol: http } } }
  split-v3: { image: "split:3", ports: { http: 1, grpc: 2, metrics: 3 }, expose: [{ host: v3.localhost }] }
  few:
    image: few:1
    on: { labels: { region: eu }, count: 1 }
    calls: ["y"]
  y-y:
    image: yy:1
    ports: { grpc: 50051 }
    namespace: other
    metrics: false
    expose: [{ host: yy.localhost }]
    scale: { min: 2, max: 2 }
    after: [store]
  store:
    image: store:1
    namespace: data
    ports: { tcp-1: 6379 }
    volumes:
      scratch: { path: /tmp, size: 1Gi }
      zz: { path: /zz, size: 1Gi }
      cache: { path: "/c: a", size: 100Mi, ephemeral: true }
      aa: { path: /aa, size: "1.5Ti", storageClass: fast }
    scale: { min: 3, max: 3 }
  silent:
    image: silent:1
    volumes: { data: { path: /data, size: 1Gi }, tmp: { path: /tmp, size: 1Gi, ephemeral: true } }
    raw:
      - { apiVersion: v1, kind: ConfigMap, metadata: { name: extra }, data: { a: "{{ .Release.Name }}", b: "1e6" } }
      - apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: "silent:reader", labels: { a: "true" }, annotations: { n: "1000000" } }
        rules: [{ apiGroups: [""], resources: [pods], verbs: [get] }]
      - apiVersion: v1
        kind: Service
        metadata: { name: far, namespace: data }
        spec: { type: ExternalName, externalName: far.example.com, ports: [{ port: 65535, name: x, protocol: TCP }] }
  released:
    image: released:1
    ports: { http: 8080, metrics: 9464 }
    expose: [{ host: released.localhost, path: /a }]
    scale: { min: 2, max: 2 }
    release:
      canary:
        metrics: { custom: [{ name: quoted, query: "max(x{a=\"{{ target }}\"})", max: 0.001 }] }
        hooks: [{ name: gate, type: confirm-promotion, url: "http://gate.test/", metadata: { a: "yes" } }]
    adjust: { patch: [{ kind: Canary, set: { spec: { analysis: { threshold: 1000000 } } } }] }
    overrides: [{ where: { region: eu }, set: { release: { canary: null, rolling: {} } } }]
  adjusted:
    image: adjusted:1
    ports: { http: 8080, admin: 9000 }
    env: { A: "1", B: "2" }
    expose: [{ host: adjusted.localhost }]
    raw: [{ apiVersion: v1, kind: Service, metadata: { name: as-it-is }, spec: { ports: [{ name: http, port: 1 }] } }]
    adjust:
      omit: [HTTPRoute, Service/none]
      patch:
        - kind: Deployment
          name: adjusted
          set:
            metadata: { annotations: { z: "1", a: "yes" } }
            spec:
              revisionHistoryLimit: 1000000
              strategy: { type: Recreate, rollingUpdate: null }
              template:
                metadata: { labels: { "": null } }
                spec:
                  containers:
                    adjusted:
                      env: { B: null, Z: { value: "z" }, C: { value: "c" }, A: { value: "0" }, $order: [Z, A] }
                      ports: { "*": { hostPort: null }, "web": { containerPort: 81, name: web2 } }
                      volumeMounts: { tmp: { readOnly: false }, zz: { mountPath: /zz }, aa: { mountPath: /aa } }
                      args: [only, this]
                  volumes: { zz: { emptyDir: { sizeLimit: 2Mi } }, aa: { emptyDir: { sizeLimit: 1Mi } }, tmp: { emptyDir: { medium: Memory, sizeLimit: 1Mi } } }
                  tolerations: [{ key: a, operator: Exists, tolerationSeconds: null }]
        - { kind: Deployment, set: { spec: { template: { spec: { containers: { "*": { image: "adjusted:2" } } } } } } }
        - { kind: Service, set: { spec: { ports: { http: null, late: { port: 1000, targetPort: admin } } } } }
        - { kind: NetworkPolicy, set: { spec: { egress: [] } } }
        - { kind: ServiceAccount, set: { metadata: { name: renamed } } }
        - { kind: ServiceAccount, name: adjusted, set: { automountServiceAccountToken: null } }
`;
