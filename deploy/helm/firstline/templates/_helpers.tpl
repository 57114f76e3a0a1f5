{{- define "firstline.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "firstline.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "firstline.labels" -}}
{{ include "firstline.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "firstline.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* What the pods of the server and of the migration share. */}}
{{- define "firstline.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml (mergeOverwrite (dict "runAsNonRoot" true "runAsUser" 10001 "runAsGroup" 10001 "fsGroup" 10001 "fsGroupChangePolicy" "OnRootMismatch" "seccompProfile" (dict "type" "RuntimeDefault")) .Values.podSecurityContext) | nindent 2 }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "firstline.container" -}}
image: {{ include "firstline.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
env:
  {{- range $name, $value := .Values.settings }}
  - name: {{ $name }}
    value: {{ $value | toString | quote }}
  {{- end }}
  {{- range $name, $_ := .Values.secrets }}
  - name: {{ $name }}_FILE
    value: /run/secrets/firstline/{{ $name }}
  {{- end }}
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- end }}

{{- define "firstline.secretsVolume" -}}
name: secrets
projected:
  defaultMode: 0440
  sources:
    {{- range $name, $place := .Values.secrets }}
    - secret:
        name: {{ $place.secret }}
        items:
          - key: {{ $place.key }}
            path: {{ $name }}
    {{- end }}
{{- end }}

{{- define "firstline.contentMount" -}}
{{- if .Values.content.volume }}
- name: content
  mountPath: /srv/firstline
  readOnly: true
  {{- with .Values.content.subPath }}
  subPath: {{ . | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "firstline.contentVolume" -}}
{{- with .Values.content.volume }}
- name: content
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
