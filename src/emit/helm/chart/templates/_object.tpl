{{- /*
An object as it is applied: left out or patched where `adjust` says so. Takes `root` and the object's YAML as `text`.
*/}}
{{- define "app.object" -}}
{{- $object := fromYaml .text }}
{{- if $object.Error }}{{ fail (printf "%s in:\n%s" $object.Error .text) }}{{ end }}
{{- $adjust := .root.Values.adjust | default dict }}
{{- $kind := $object.kind }}
{{- $name := $object.metadata.name }}
{{- $omit := $adjust.omit | default list }}
{{- if not (or (has $kind $omit) (has (printf "%s/%s" $kind $name) $omit)) }}
{{- range $adjust.patch }}
{{- if and (eq .kind $kind) (eq (.name | default $name) $name) }}
{{- $object = get (include "app.patched" (dict "target" $object "patch" .set) | fromJson) "value" }}
{{- end }}
{{- end }}
---
{{ toYaml $object | default (include "app.json" $object) }}
{{ end }}
{{- end }}

{{- /*
A JSON merge patch (RFC 7396) that also reaches into lists, whose elements it names by the field that tells them apart:
null removes one, `*` patches each, a name that is not there adds one, `$order` sorts them. Gives { value: … } as JSON.
*/}}
{{- define "app.patched" -}}
{{- $value := .patch }}
{{- if and (kindIs "map" .patch) (kindIs "slice" .target) }}
{{- $value = get (include "app.patchedList" . | fromJson) "value" }}
{{- else if kindIs "map" .patch }}
{{- $value = dict }}
{{- if kindIs "map" .target }}{{ $value = deepCopy .target }}{{ end }}
{{- range $key, $part := omit .patch "$added" }}
{{- if kindIs "invalid" $part }}
{{- $_ := unset $value $key }}
{{- else }}
{{- $_ := set $value $key (get (include "app.patched" (dict "target" (get $value $key) "patch" $part) | fromJson) "value") }}
{{- end }}
{{- end }}
{{- end }}
{{- dict "value" $value | toJson }}
{{- end }}

{{- define "app.patchedList" -}}
{{- $key := include "app.listKey" .target | default "name" }}
{{- $patch := .patch }}
{{- $named := omit $patch "*" "$order" "$added" }}
{{- $known := dict }}
{{- $numbered := false }}
{{- $result := list }}
{{- range $item := .target }}
{{- if kindIs "map" $item }}{{ if kindIs "float64" (get $item $key) }}{{ $numbered = true }}{{ end }}{{ end }}
{{- if hasKey $patch "*" }}
{{- $item = get (include "app.patched" (dict "target" $item "patch" (get $patch "*")) | fromJson) "value" }}
{{- end }}
{{- $name := include "app.itemName" (dict "item" $item "key" $key) }}
{{- $_ := set $known $name true }}
{{- if not (and (kindIs "map" $item) (hasKey $named $name)) }}
{{- $result = append $result $item }}
{{- else if not (kindIs "invalid" (get $named $name)) }}
{{- $result = append $result (get (include "app.patched" (dict "target" $item "patch" (get $named $name)) | fromJson) "value") }}
{{- end }}
{{- end }}
{{- range $name := get $patch "$added" | default (keys $named | sortAlpha) }}
{{- $part := get $named $name }}
{{- if not (or (hasKey $known $name) (kindIs "invalid" $part)) }}
{{- $own := dict $key (ternary (float64 $name) $name (and $numbered (regexMatch "^[0-9]+$" $name))) }}
{{- $result = append $result (get (include "app.patched" (dict "target" $own "patch" $part) | fromJson) "value") }}
{{- end }}
{{- end }}
{{- if kindIs "slice" (get $patch "$order") }}
{{- $sorted := list }}
{{- $placed := dict }}
{{- range $name := get $patch "$order" }}
{{- $name = ternary $name (toJson $name) (kindIs "string" $name) }}
{{- if not (hasKey $placed $name) }}
{{- range $result }}{{ if and (kindIs "map" .) (eq (include "app.itemName" (dict "item" . "key" $key)) $name) }}{{ $sorted = append $sorted . }}{{ end }}{{ end }}
{{- end }}
{{- $_ := set $placed $name true }}
{{- end }}
{{- range $result }}{{ if not (and (kindIs "map" .) (hasKey $placed (include "app.itemName" (dict "item" . "key" $key)))) }}{{ $sorted = append $sorted . }}{{ end }}{{ end }}
{{- $result = $sorted }}
{{- end }}
{{- dict "value" $result | toJson }}
{{- end }}

{{- /* What an element is called: the text of its key. */}}
{{- define "app.itemName" -}}
{{- if kindIs "map" .item }}
{{- $name := get .item .key }}
{{- if kindIs "string" $name }}{{ $name }}{{ else }}{{ toJson $name }}{{ end }}
{{- end }}
{{- end }}

{{- /* The field that tells the elements of a list apart: all have it, no two have the same. */}}
{{- define "app.listKey" -}}
{{- $list := . }}
{{- $found := "" }}
{{- range $key := list "name" "mountPath" "containerPort" "port" "ip" "topologyKey" }}
{{- $seen := dict }}
{{- range $list }}
{{- if kindIs "map" . }}
{{- if or (kindIs "string" (get . $key)) (kindIs "float64" (get . $key)) }}
{{- if hasKey . $key }}{{ $_ := set $seen (include "app.itemName" (dict "item" . "key" $key)) true }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
{{- if and (not $found) $list (eq (len $seen) (len $list)) }}{{ $found = $key }}{{ end }}
{{- end }}
{{- $found }}
{{- end }}

{{- /*
A value as JSON that is YAML as well: with the characters escaped that YAML does not have. Helm's toYaml gives nothing
at all for a value with one of them.
*/}}
{{- define "app.json" -}}
{{- $text := toRawJson . }}
{{- range concat (untilStep 127 160 1) (list 65279 65534 65535) }}
{{- $text = replace (printf "%c" .) (printf "\\u%04x" .) $text }}
{{- end }}
{{- $text }}
{{- end }}
