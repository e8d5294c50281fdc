{{- define "memcubed.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "memcubed.selector" -}}
app.kubernetes.io/name: memcubed
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "memcubed.labels" -}}
{{ include "memcubed.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "memcubed.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- define "memcubed.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- include "memcubed.fullname" . -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* What every pod has: no root, no rights, no token of the cluster. */}}
{{- define "memcubed.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
{{- end -}}

{{- define "memcubed.container" -}}
image: {{ include "memcubed.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
{{- end -}}

{{- define "memcubed.fromSecret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 }}
      key: {{ index . 2 }}
{{- end -}}

{{/* The environment that all parts share. It is written out, since the migration runs before anything else is there. */}}
{{- define "memcubed.environment" -}}
{{ include "memcubed.fromSecret" (list "MEMCUBED_DATABASE_URL" .Values.database.existingSecret .Values.database.urlKey) }}
{{ include "memcubed.fromSecret" (list "MEMCUBED_REDIS_URL" .Values.redis.existingSecret .Values.redis.urlKey) }}
{{- with .Values.llm }}
{{- if .baseUrl }}
- name: MEMCUBED_LLM_BASE_URL
  value: {{ .baseUrl | quote }}
{{- end }}
{{- if .model }}
- name: MEMCUBED_LLM_MODEL
  value: {{ .model | quote }}
{{- end }}
{{- if .existingSecret }}
{{ include "memcubed.fromSecret" (list "MEMCUBED_LLM_API_KEY" .existingSecret .key) }}
{{- end }}
{{- end }}
{{- with .Values.embeddings }}
{{- if .endpoint }}
- name: MEMCUBED_EMBEDDINGS
  value: {{ .endpoint | quote }}
{{- end }}
{{- if .model }}
- name: MEMCUBED_EMBEDDINGS_MODEL
  value: {{ .model | quote }}
{{- end }}
{{- if .dimensions }}
- name: MEMCUBED_EMBEDDINGS_DIMENSIONS
  value: {{ .dimensions | quote }}
{{- end }}
{{- if .existingSecret }}
{{ include "memcubed.fromSecret" (list "MEMCUBED_EMBEDDINGS_API_KEY" .existingSecret .key) }}
{{- end }}
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* What the chat proxy needs, which only the API has. */}}
{{- define "memcubed.chat" -}}
{{- with .Values.chat }}
{{- if .baseUrl }}
- name: MEMCUBED_CHAT_BASE_URL
  value: {{ .baseUrl | quote }}
{{- end }}
{{- if .models }}
- name: MEMCUBED_CHAT_MODELS
  value: {{ .models | toJson | quote }}
{{- end }}
{{- if .existingSecret }}
{{ include "memcubed.fromSecret" (list "MEMCUBED_CHAT_API_KEY" .existingSecret .key) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Pods of one part on different nodes and zones, as far as that can be had. */}}
{{- define "memcubed.spread" -}}
topologySpreadConstraints:
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "memcubed.selector" $.root | nindent 8 }}
        app.kubernetes.io/component: {{ $.component }}
{{- end }}
{{- end -}}

{{- define "memcubed.placing" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
