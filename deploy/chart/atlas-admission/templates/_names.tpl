{{- define "atlas-admission.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 53 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "atlas-admission.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "atlas-admission.labels" -}}
{{ include "atlas-admission.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "atlas-admission.metadata" -}}
name: {{ include "atlas-admission.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "atlas-admission.labels" . | nindent 2 }}
{{- end }}

{{- define "atlas-admission.clusterMetadata" -}}
name: {{ include "atlas-admission.name" . }}
labels:
  {{- include "atlas-admission.labels" . | nindent 2 }}
{{- end }}

{{- define "atlas-admission.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "atlas-admission.name" .) -}}
{{- end }}

{{- define "atlas-admission.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "atlas-admission.serviceAccount" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}

{{- /* The Secret with the serving certificate, whoever makes it. */ -}}
{{- define "atlas-admission.certificateSecret" -}}
{{- if eq .Values.certificates.mode "provided" -}}
{{- required "certificates.provided.secretName is needed with certificates.mode provided" .Values.certificates.provided.secretName -}}
{{- else -}}
{{- include "atlas-admission.name" . }}-certificate
{{- end -}}
{{- end }}

{{- /* An IPv6 address needs brackets before the port. */ -}}
{{- define "atlas-admission.listenHost" -}}
{{- if contains ":" .Values.listenHost }}[{{ .Values.listenHost }}]{{ else }}{{ .Values.listenHost }}{{ end -}}
{{- end }}
