/** Data alone: one manifest a style. */

/** A Deployment; the container's, the pod's and the spec's own lines come indented as they stand. */
export const deployment = (name: string, container = "", pod = "", spec = "") => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
${spec}  template:
    metadata: {labels: {app: ${name}}}
    spec:
${pod}      containers:
        - name: ${name}
          image: registry.example.com/${name}:1.2
${container}`;

/** How manifests are written in the wild, each with what becomes of it. */
export const styles: {
  name: string;
  yaml: string;
  as?: Record<string, string>;
  env?: Record<string, unknown>;
}[] = [
  {
    name: "several documents, empty ones and comments among them",
    yaml: `# the web\n---\n${deployment("web")}\n---\n---\n# nothing\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}\n...\n`,
    as: { "Deployment shop/web": "folded", "Service shop/web": "folded" },
  },
  {
    name: "anchors, aliases and merge keys",
    yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: &labels {app: web, tier: front}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {<<: *labels, extra: "1"}}
    spec:
      containers:
        - &base {name: web, image: "web:1", resources: &small {requests: {cpu: 100m, memory: 64Mi}}}
        - {<<: *base, name: side, resources: *small}
`,
    as: { "Deployment shop/web": "folded" },
  },
  {
    name: "List kinds",
    yaml: `
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: web}
    data: {a: b}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec: {containers: [{name: web, image: "web:1", envFrom: [{configMapRef: {name: web}}]}]}
---
apiVersion: v1
kind: ServiceList
items: [{metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80}]}}]
`,
    as: { "ConfigMap shop/web": "raw", "Deployment shop/web": "folded", "Service shop/web": "folded" },
  },
  {
    name: "a StatefulSet with claim templates and its headless Service",
    yaml: `
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: pg, port: 5432}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 120
      containers:
        - name: postgres
          image: postgres:17
          ports: [{name: pg, containerPort: 5432}]
          volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data, subPath: pg}, {name: wal, mountPath: /wal}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
    - metadata: {name: wal, labels: {kind: log}}
      spec: {accessModes: [ReadWriteOncePod], storageClassName: fast, resources: {requests: {storage: 1024Mi}}}
`,
    as: { "Service shop/db": "folded", "StatefulSet shop/db": "folded" },
  },
  {
    name: "Jobs and CronJobs, beside the app whose files they share",
    yaml: `${deployment("web", "          envFrom: [{configMapRef: {name: settings}}]\n")}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {URL: http://web}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {backoffLimit: 2, template: {spec: {restartPolicy: Never, containers: [{name: m, image: "web:1", envFrom: [{configMapRef: {name: settings}}]}]}}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: tidy}
spec: {schedule: "*/5 * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: OnFailure, containers: [{name: t, image: "tidy:1"}]}}}}}
`,
    as: { "Job shop/migrate": "raw", "CronJob shop/tidy": "raw", "Deployment shop/web": "folded" },
  },
  {
    name: "init containers, native sidecars and sidecars",
    yaml: deployment(
      "web",
      "          command: [web]\n        - {name: proxy, image: 'envoy:1', ports: [{containerPort: 15001}]}\n",
      "      initContainers:\n        - {name: wait, image: 'busybox:1', command: [sh, -c, 'until nc -z db 5432; do sleep 1; done']}\n        - {name: logs, image: 'fluent:1', restartPolicy: Always}\n",
    ),
    as: { "Deployment shop/web": "folded" },
  },
  {
    name: "named ports, also as targets and in probes",
    yaml: `${deployment("web", "          ports: [{name: http, containerPort: 8080}, {name: admin, containerPort: 9000}, {name: dns, containerPort: 53, protocol: UDP}]\n          readinessProbe: {httpGet: {path: /ready, port: admin}}\n          livenessProbe: {tcpSocket: {port: http}, periodSeconds: 30}\n")}
---
apiVersion: v1
kind: Service
metadata: {name: web-front}
spec: {selector: {app: web}, ports: [{name: web, port: 80, targetPort: http}, {name: admin, port: 9000, targetPort: admin}]}
`,
    as: { "Deployment shop/web": "folded", "Service shop/web-front": "folded" },
  },
  {
    name: "envFrom with prefixes, variables from everywhere and in an order that counts",
    yaml: deployment(
      "web",
      `          envFrom: [{prefix: A_, configMapRef: {name: a}}, {secretRef: {name: s, optional: true}}]
          env:
            - {name: Z, value: "1"}
            - {name: A, value: "$(Z)"}
            - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
            - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: "0"}}}
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: s, key: t}}}
            - {name: M, valueFrom: {configMapKeyRef: {name: a, key: m}}}
            - {name: EMPTY}
`,
    ),
    as: { "Deployment shop/web": "folded" },
    env: { Z: "1", A: "$(Z)", EMPTY: "" },
  },
  {
    name: "projected volumes",
    yaml: deployment(
      "web",
      "          volumeMounts: [{name: all, mountPath: /all, readOnly: true}]\n",
      "      volumes:\n        - name: all\n          projected:\n            sources:\n              - {configMap: {name: c, items: [{key: k, path: p, mode: 0400}]}}\n              - {secret: {name: s}}\n              - {downwardAPI: {items: [{path: l, fieldRef: {fieldPath: metadata.labels}}]}}\n              - {serviceAccountToken: {path: t, audience: vault, expirationSeconds: 600}}\n",
    ),
    as: { "Deployment shop/web": "folded" },
  },
  {
    name: "ConfigMaps with binary data",
    yaml: `${deployment("web", "          volumeMounts: [{name: c, mountPath: /c}]\n", "      volumes: [{name: c, configMap: {name: web-files}}]\n")}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web-files}
data: {a.txt: "text"}
binaryData: {b.bin: AAECAwQF/w==}
`,
    as: { "ConfigMap shop/web-files": "raw", "Deployment shop/web": "folded" },
  },
  {
    name: "a ConfigMap that is one folder of files, which `config` says",
    yaml: `${deployment("web", "          volumeMounts: [{name: c, mountPath: /etc/nginx/conf.d}]\n", "      volumes: [{name: c, configMap: {name: web-conf}}]\n")}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web-conf}
data:
  default.conf: |
    server {
      listen 80;
      return 200 "\${hostname} \`tick\`";
    }
`,
    as: { "ConfigMap shop/web-conf": "folded", "Deployment shop/web": "folded" },
  },
  {
    name: "definitions of custom resources and their objects",
    yaml: `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: backups.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Backup, plural: backups}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}]
---
apiVersion: example.com/v1
kind: Backup
metadata: {name: nightly}
spec: {keep: null, empty: {}, list: []}
---
${deployment("web")}`,
    as: {
      "CustomResourceDefinition backups.example.com": "raw",
      "Backup shop/nightly": "raw",
      "Deployment shop/web": "folded",
    },
  },
  {
    name: "quoted YAML 1.1 booleans, which are text",
    yaml: deployment(
      "web",
      `          env:\n            - {name: A, value: "yes"}\n            - {name: B, value: 'on'}\n            - {name: C, value: "0644"}\n            - {name: D, value: "1e3"}\n            - {name: E, value: "null"}\n            - {name: F, value: "~"}\n`,
    ),
    as: { "Deployment shop/web": "folded" },
    env: { A: "yes", B: "on", C: "0644", D: "1e3", E: "null", F: "~" },
  },
  {
    name: "unquoted YAML 1.1 booleans where booleans belong",
    yaml: deployment(
      "web",
      "          tty: off\n          stdin: yes\n          volumeMounts: [{name: t, mountPath: /t, readOnly: on}]\n",
      "      hostNetwork: no\n      volumes: [{name: t, emptyDir: {}}]\n",
    ),
    as: { "Deployment shop/web": "folded" },
  },
  {
    name: "octal modes in every spelling",
    yaml: deployment(
      "web",
      "          volumeMounts: [{name: a, mountPath: /a}, {name: b, mountPath: /b}, {name: c, mountPath: /c}]\n",
      "      volumes:\n        - {name: a, secret: {secretName: s, defaultMode: 0400}}\n        - {name: b, secret: {secretName: s, defaultMode: 0o400}}\n        - {name: c, configMap: {name: m, defaultMode: 420}}\n",
    ),
    as: { "Deployment shop/web": "folded" },
  },
  {
    name: "kinds nobody knows",
    yaml: `${deployment("web")}\n---\napiVersion: acme.io/v9\nkind: Widget\nmetadata: {name: web-widget, namespace: shop}\nspec: {deep: {er: [1, {x: yes}]}}\n---\napiVersion: acme.io/v9\nkind: Gadget\nmetadata: {name: other}\n`,
    as: { "Widget shop/web-widget": "raw", "Gadget other": "raw" },
  },
  {
    name: "an autoscaler, a budget, rights, routes and a policy around one app",
    yaml: `${deployment("web", "          ports: [{name: http, containerPort: 8080}]\n", "      serviceAccountName: web-account\n")}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: web-account, annotations: {a: b}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: web}, ports: [{port: 80, targetPort: http}]}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web-hpa}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 8
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web-pdb}
spec: {minAvailable: 50%, selector: {matchLabels: {app: web}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: any-name}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web-account}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front}
spec:
  rules: [{host: shop.example.com, http: {paths: [{path: /api, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: front-route}
spec: {parentRefs: [{name: gw}], hostnames: [www.example.com], rules: [{backendRefs: [{name: web, port: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shut}
spec: {podSelector: {matchLabels: {app: web}}, ingress: []}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: web-cache}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`,
    as: {
      "ServiceAccount shop/web-account": "folded",
      "HorizontalPodAutoscaler shop/web-hpa": "folded",
      "PodDisruptionBudget shop/web-pdb": "folded",
      "Role shop/reader": "raw",
      "RoleBinding shop/any-name": "raw",
      "Ingress shop/front": "raw",
      "HTTPRoute shop/front-route": "raw",
      "NetworkPolicy shop/shut": "raw",
      "PersistentVolumeClaim shop/web-cache": "raw",
    },
  },
  {
    name: "DaemonSets and bare Pods, with a home of their own",
    yaml: `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent, namespace: monitoring}
spec:
  selector: {matchLabels: {app: agent}}
  template: {metadata: {labels: {app: agent}}, spec: {hostNetwork: true, containers: [{name: a, image: "agent:1", ports: [{containerPort: 9100, hostPort: 9100}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: once}, spec: {containers: [{name: p, image: "p:1"}]}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: monitoring, labels: {team: ops}}}
`,
    as: { "DaemonSet monitoring/agent": "raw", "Pod shop/once": "raw", "Namespace monitoring": "raw" },
  },
  {
    name: "the same names in two namespaces, and names that no app may have",
    yaml: `${deployment("web").replace("{name: web}", "{name: web, namespace: a}")}\n---\n${deployment("web").replace("{name: web}", "{name: web, namespace: b}")}\n---\n${deployment("web").replace("{name: web}", "{name: 1.web.v2}")}`,
    as: { "Deployment a/web": "folded", "Deployment b/web": "folded", "Deployment shop/1.web.v2": "folded" },
  },
];
