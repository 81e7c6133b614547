{{- /*
What of the policy file concerns the rules in the API server: it knows neither dates nor what a rule is called, so
whatever the file says about some namespaces or objects is left to the webhook, which knows.
*/ -}}

{{- /* A glob of the policy file as a regular expression. */ -}}
{{- define "atlas-admission.globExpression" -}}
{{- printf "^%s$" (. | regexQuoteMeta | replace "\\*" ".*" | replace "\\?" ".") -}}
{{- end }}

{{- define "atlas-admission.validationAction" -}}
{{- get (dict "enforce" "Deny" "warn" "Warn" "audit" "Audit") (.Values.policy.mode | default "enforce") -}}
{{- end }}

{{- /* Not empty: `newRules: warn` holds this rule back, so that only the webhook speaks, and warns. */ -}}
{{- define "atlas-admission.isNewRule" -}}
{{- if and (eq (.policy.newRules | default "default") "warn") .policy.since (not (hasKey (.policy.rules | default dict) .rule.id)) -}}
{{- if semverCompare (printf ">%s" .policy.since) .rule.since -}}new{{- end -}}
{{- end -}}
{{- end }}

{{- /* CEL: whether this rule is not for the API server to judge on this object. Empty: it always is. */ -}}
{{- define "atlas-admission.leftToWebhook" -}}
{{- $rule := .rule -}}
{{- $policy := .policy -}}
{{- $reasons := list -}}
{{- range $policy.namespaces -}}
  {{- if or .mode .newRules (hasKey (.rules | default dict) $rule) -}}
    {{- range .match -}}
      {{- $reasons = append $reasons (printf "object.metadata.namespace.matches(%s)" (include "atlas-admission.globExpression" . | toJson)) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- range $policy.exemptions -}}
  {{- if or (eq .rule $rule) (eq .rule "*") -}}
    {{- $reasons = append $reasons (printf "object.metadata.namespace.matches(%s) && object.metadata.name.matches(%s)" (include "atlas-admission.globExpression" (.namespace | default "*") | toJson) (include "atlas-admission.globExpression" (.name | default "*") | toJson)) -}}
  {{- end -}}
{{- end -}}
{{- if or (has $rule $policy.overridable) (has "*" $policy.overridable) -}}
  {{- $reasons = append $reasons "'atlas-admission.io/allow' in object.metadata.?annotations.orValue({})" -}}
{{- end -}}
{{- join " || " $reasons -}}
{{- end }}

{{- /*
The policy file. consolidation.rewrite of the values is the one place that turns the rewrite on: the policy follows it, as
do the mutating webhook and the right to list ConfigMaps, none of which is of use without the others.
*/ -}}
{{- define "atlas-admission.policyFile" -}}
{{- $rewrite := ternary "annotated" "off" .Values.consolidation.rewrite -}}
{{- $said := (.Values.policy.consolidation | default dict).rewrite | default $rewrite -}}
{{- if ne $said $rewrite -}}
{{- fail (printf "policy.consolidation.rewrite is %s, but consolidation.rewrite is %t: leave the first out, the chart sets it" $said .Values.consolidation.rewrite) -}}
{{- end -}}
{{- $policy := .Values.policy -}}
{{- if .Values.consolidation.rewrite -}}
{{- $policy = merge (dict "consolidation" (dict "rewrite" "annotated")) $policy -}}
{{- end -}}
{{- toYaml $policy -}}
{{- end }}
