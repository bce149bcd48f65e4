{{- /* The variables every app gets, the addresses of what it calls, then its own, which win. */}}
{{- define "app.env" -}}
{{- $env := dict "OTEL_SERVICE_NAME" (include "app.name" .) "APP_VERSION" (include "app.image" . | splitList ":" | last) }}
{{- if .Values.config }}{{ $_ := set $env "CONFIG_DIR" "/etc/landfall/config" }}{{ end }}
{{- range $called := .Values.calls }}
{{- $prefix := $called.name | upper | replace "-" "_" }}
{{- range $i, $port := $called.ports }}
{{- $address := printf "%s.%s.svc.cluster.local:%d" $called.name $called.namespace (int $port.port) }}
{{- if eq $i 0 }}{{ $_ := set $env (printf "%s_ADDR" $prefix) $address }}{{ end }}
{{- $_ := set $env (printf "%s_%s_ADDR" $prefix ($port.name | upper | replace "-" "_")) $address }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.env }}{{ $_ := set $env $name $value }}{{ end }}
{{- range $name, $value := $env }}
- name: {{ $name | quote }}
  {{- if kindIs "map" $value }}
  valueFrom: {{ include "app.json" $value }}
  {{- else }}
  value: {{ $value | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "app.hasOwnTmp" -}}
{{- range .Values.volumes }}{{ if eq .path "/tmp" }}true{{ end }}{{ end }}
{{- end }}

{{- define "app.mounts" -}}
{{- range $name, $_ := .Values.volumes }}
- { name: {{ $name | quote }}, mountPath: {{ .path | quote }} }
{{- end }}
{{- if .Values.config }}
- { name: config, mountPath: /etc/landfall/config, readOnly: true }
{{- end }}
{{- if not (include "app.hasOwnTmp" .) }}
- { name: tmp, mountPath: /tmp }
{{- end }}
{{- end }}

{{- define "app.volumes" -}}
{{- range $name, $_ := .Values.volumes }}
{{- if .ephemeral }}
- { name: {{ $name | quote }}, emptyDir: { sizeLimit: {{ .size | quote }} } }
{{- end }}
{{- end }}
{{- if .Values.config }}
- { name: config, configMap: { name: {{ include "app.configName" . | quote }} } }
{{- end }}
{{- if not (include "app.hasOwnTmp" .) }}
- { name: tmp, emptyDir: { sizeLimit: 64Mi } }
{{- end }}
{{- end }}

{{- define "app.container" -}}
name: {{ include "app.name" . | quote }}
image: {{ include "app.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- if hasKey .Values "command" }}
command: {{ include "app.json" .Values.command }}
{{- end }}
{{- with .Values.args }}
args: {{ include "app.json" . }}
{{- end }}
env:
  {{- include "app.env" . | nindent 2 }}
{{- with .Values.ports }}
ports:
  {{- range . }}
  - { name: {{ .name | quote }}, containerPort: {{ int .port }}, protocol: TCP }
  {{- end }}
{{- end }}
resources: {{ include "app.json" .Values.resources }}
{{- range $probe := list "startupProbe" "livenessProbe" "readinessProbe" }}
{{- with get $.Values $probe }}
{{ $probe }}: {{ include "app.json" . }}
{{- end }}
{{- end }}
{{- with .Values.drainSeconds }}
lifecycle: { preStop: { sleep: { seconds: {{ int . }} } } }
{{- end }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  {{- include "app.mounts" . | nindent 2 }}
terminationMessagePolicy: FallbackToLogsOnError
{{- end }}
