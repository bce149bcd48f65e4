{{- define "app.name" -}}
{{ .Values.name | default .Release.Name }}
{{- end }}

{{- define "app.namespace" -}}
{{ .Values.namespace | default .Release.Namespace }}
{{- end }}

{{- define "app.selector" -}}
app.kubernetes.io/name: {{ include "app.name" . | quote }}
{{- end }}

{{- /* Selects the pods also where a canary controller rewrote their name. */}}
{{- define "app.owned" -}}
landfall.dev/app: {{ include "app.name" . | quote }}
{{- end }}

{{- define "app.labels" -}}
{{ include "app.selector" . }}
app.kubernetes.io/managed-by: landfall
{{ include "app.owned" . }}
{{- end }}

{{- define "app.metadata" -}}
metadata:
  name: {{ include "app.name" . | quote }}
  namespace: {{ include "app.namespace" . | quote }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
{{- end }}

{{- define "app.image" -}}
{{- with .Values.image -}}
{{ required "image.repository is required" .repository }}
{{- with .tag }}:{{ . }}{{ end }}
{{- with .digest }}@{{ . }}{{ end }}
{{- end }}
{{- end }}

{{- /* A StatefulSet where a volume outlives its pod. */}}
{{- define "app.kind" -}}
{{- $kind := "Deployment" }}
{{- range .Values.volumes }}{{ if not .ephemeral }}{{ $kind = "StatefulSet" }}{{ end }}{{ end }}
{{- $kind }}
{{- end }}

{{- /*
A ConfigMap is named by its content, so that a pod reads what its template was written for: the digest of the files as
JSON with sorted keys. Go writes the line separators U+2028 and U+2029 as escapes, which other writers do not.
*/}}
{{- define "app.configName" -}}
{{- $mark := "\x01" }}
{{- $json := .Values.config | toRawJson | replace "\\\\" $mark | replace "\\u2028" "\u2028" | replace "\\u2029" "\u2029" | replace $mark "\\\\" }}
{{- printf "%s-config-%s" (include "app.name" .) ($json | sha256sum | trunc 8) }}
{{- end }}
