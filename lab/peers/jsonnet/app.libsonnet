// The five objects of one app.
local namespace = 'shop';

local labelsOf(name) = {
  'app.kubernetes.io/name': name,
  'app.kubernetes.io/managed-by': 'landfall',
  'landfall.dev/app': name,
};

local peer(space, pods) = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': space } },
  podSelector: { matchLabels: pods },
};
local appPods(name) = peer(namespace, { 'landfall.dev/app': name });

local dns = {
  to: [
    peer('kube-system', { 'k8s-app': 'kube-dns' }),
    peer('openshift-dns', { 'dns.operator.openshift.io/daemonset-dns': 'default' }),
    { ipBlock: { cidr: '169.254.0.0/16' } },
  ],
  ports: [
    { port: port, protocol: protocol }
    for port in [53, 5353]
    for protocol in ['UDP', 'TCP']
  ],
};

local tcpProbe(period, failures, timeout) = {
  tcpSocket: { port: 'http' },
  periodSeconds: period,
  failureThreshold: failures,
  timeoutSeconds: timeout,
};

local spread(key, name) = {
  maxSkew: 1,
  topologyKey: key,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: { 'landfall.dev/app': name } },
};

local addresses(app) = [
  {
    name: std.strReplace(std.asciiUpper(callee), '-', '_') + suffix,
    value: callee + '.' + namespace + '.svc.cluster.local:8080',
  }
  for callee in app.calls
  for suffix in ['_ADDR', '_HTTP_ADDR']
];

local container(app) = {
  name: app.name,
  image: 'registry.example.com/shop/' + app.name + ':' + app.version,
  imagePullPolicy: 'IfNotPresent',
  env: addresses(app) + [
    { name: 'APP_VERSION', value: app.version },
    { name: 'LOG_LEVEL', value: app.logLevel },
    { name: 'OTEL_SERVICE_NAME', value: app.name },
  ],
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  resources: {
    requests: { cpu: app.cpu, memory: app.memory },
    limits: { memory: app.memoryLimit },
  },
  startupProbe: tcpProbe(1, 60, 2),
  livenessProbe: tcpProbe(10, 3, 3),
  readinessProbe: tcpProbe(5, 2, 3),
  lifecycle: { preStop: { sleep: { seconds: 5 } } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  terminationMessagePolicy: 'FallbackToLogsOnError',
};

function(app) {
  local metadata = { name: app.name, namespace: namespace, labels: labelsOf(app.name) },
  local ports = [{ port: 8080, protocol: 'TCP' }],
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: metadata,
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata,
      spec: {
        revisionHistoryLimit: 5,
        selector: { matchLabels: { 'app.kubernetes.io/name': app.name } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: {
          metadata: { labels: labelsOf(app.name) },
          spec: {
            serviceAccountName: app.name,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: {
              runAsNonRoot: true,
              runAsUser: 65532,
              runAsGroup: 65532,
              fsGroup: 65532,
              seccompProfile: { type: 'RuntimeDefault' },
            },
            terminationGracePeriodSeconds: 30,
            containers: [container(app)],
            volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }],
            topologySpreadConstraints: [
              spread('topology.kubernetes.io/zone', app.name),
              spread('kubernetes.io/hostname', app.name),
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata,
      spec: {
        selector: { 'app.kubernetes.io/name': app.name },
        ports: [{ name: 'http', port: 8080, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' }],
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: metadata,
      spec: {
        podSelector: { matchLabels: { 'landfall.dev/app': app.name } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: if std.length(app.callers) > 0 then
          [{ from: [appPods(caller) for caller in app.callers], ports: ports }]
        else [],
        egress: [dns] + [{ to: [appPods(callee)], ports: ports } for callee in app.calls],
      },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app.name },
        minReplicas: app.min,
        maxReplicas: app.max,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } },
          },
        ],
      },
    },
  ],
}
