{{- /* What is needed wherever AtlasMigrations are judged. */ -}}
{{- define "atlas-admission.migrationRules" -}}
- apiGroups: [db.atlasgo.io]
  resources: [atlasmigrations]
  verbs: [get, list, watch]
- apiGroups: ['']
  resources: [configmaps]
  {{- if .Values.consolidation.rewrite }}
  # Only those with the label atlas-admission.io/consolidated are ever listed, but RBAC knows no labels.
  verbs: [get, list]
  {{- else }}
  verbs: [get]
  {{- end }}
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- if eq .Values.secrets.access "all" }}
# RBAC can neither select Secrets by label nor leave a namespace out of a ClusterRole. secrets.access narrows this.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get]
{{- end }}
{{- if (.Values.policy.audit | default dict).reports }}
# Applied on the server, which takes the right to create as well as that to patch.
- apiGroups: [openreports.io]
  resources: [reports]
  verbs: [create, patch]
- apiGroups: [wgpolicyk8s.io]
  resources: [policyreports]
  verbs: [create, patch]
{{- end }}
{{- end }}

{{- /* kind, metadata name and namespace, for a Role and the RoleBinding of the same name. */ -}}
{{- define "atlas-admission.role" }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "atlas-admission.labels" .root | nindent 4 }}
rules:
  {{- .rules | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .name }}
  namespace: {{ .namespace }}
  labels:
    {{- include "atlas-admission.labels" .root | nindent 4 }}
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ .name }} }
{{ include "atlas-admission.subjects" .root }}
{{- end }}
