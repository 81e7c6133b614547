{{- /*
kube-system is left out so that nothing in it ever waits for a webhook, our own namespace so that a repair of this
installation never waits for itself.
*/ -}}
{{- define "atlas-admission.namespaceSelector" -}}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: {{ concat (list "kube-system" .Release.Namespace) .Values.watch.excludedNamespaces | uniq | toJson }}
    {{- with .Values.watch.namespaces }}
    - key: kubernetes.io/metadata.name
      operator: In
      values: {{ toJson . }}
    {{- end }}
{{- end }}

{{- /* Without a bundle the key is left out, so that applying this again does not take away the one that was set. */ -}}
{{- define "atlas-admission.clientConfig" -}}
clientConfig:
  service:
    name: {{ include "atlas-admission.name" .root }}
    namespace: {{ .root.Release.Namespace }}
    path: {{ .path }}
    port: 443
  {{- if and (eq .root.Values.certificates.mode "provided") .root.Values.certificates.provided.caBundle }}
  caBundle: {{ b64enc .root.Values.certificates.provided.caBundle }}
  {{- end }}
{{- end }}

{{- define "atlas-admission.webhookAnnotations" -}}
{{- if eq .Values.certificates.mode "cert-manager" -}}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "atlas-admission.name" . }}
{{- end }}
{{- end }}

{{- /* Finalizers are removed by updates: refusing those would keep an object, and its namespace, for ever. */ -}}
{{- define "atlas-admission.notTerminating" -}}
- name: not-terminating
  expression: "object == null || !has(object.metadata.deletionTimestamp)"
{{- end }}

{{- define "atlas-admission.specChanged" -}}
- name: spec-changed
  expression: "oldObject == null || object.?spec != oldObject.?spec"
{{- end }}

{{- define "atlas-admission.migrationRule" -}}
- apiGroups: [db.atlasgo.io]
  apiVersions: [v1alpha1]
  resources: [atlasmigrations]
  operations: [CREATE, UPDATE]
  scope: Namespaced
{{- end }}
