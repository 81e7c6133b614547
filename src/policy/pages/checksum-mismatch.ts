import { exampleConfigMap, exampleMigration, plainSpec, type RulePage } from './rule-page.js'

export const checksumMismatch: RulePage = {
  example: {
    situation: 'A column was added to a file after `atlas migrate hash`.',
    manifests: `${exampleMigration(plainSpec)}---
${exampleConfigMap(`20250101_customers.sql: |
  CREATE TABLE customers (id int, name text);
atlas.sum: |
  h1:sqfzfVbLBJjULujnyE35L0Z55jL1akm5wIZDmvI1pVw=
  20250101_customers.sql h1:+4J2PPQq+BQ5EVwWrU2LpXxlYcFr/WUc3pb3YEfUqYE=`)}`,
    message: [
      '[checksum-mismatch] AtlasMigration shop/shop: checksum mismatch: L2: 20250101_customers.sql was edited; fix: restore the file; if it never ran anywhere, run `atlas migrate hash`',
      '- [checksum-mismatch] AtlasMigration shop/shop: checksum mismatch: L2: 20250101_customers.sql was edited; expected: the bytes that atlas.sum was computed over; fix: restore the file; if it never ran anywhere, run `atlas migrate hash`',
      '- [checksum-mismatch] not explained by line breaks, final newlines, a byte order mark, indents or `$$`',
    ],
  },
  steps: [
    'Compare the named file with git. If nobody edited it, look at what stands between git and the ConfigMap: CRLF line ends, `|-` in place of `|` (drops the last line break), a `${…}` that Flux or Helm replaced.',
    'Flux postBuild turns every `$$` into `$` and an unset `${x}` into nothing. Set the annotation `kustomize.toolkit.fluxcd.io/substitute: disabled` on the ConfigMap (with kustomize: in `generatorOptions` or in `options` of the generator). Git is right then: do not hash again.',
    'Inside a Helm template, or under `tpl`, a `{{ name }}` in SQL becomes a value or nothing. Ship the files with `.Files.Get` alone, or write `{{ "{{" }}` for each `{{` of a file that stands in the template. Git is right then: do not hash again.',
    'A template that puts files into a ConfigMap keeps their bytes with `|` and `nindent`. `>` folds lines, `indent` and `quote` change them, `b64enc` is for Secrets, and a path in front of a key makes another name of it.',
    'If the file ran on any database, restore it, and put the change into a new file.',
    'If it never ran anywhere, run `atlas migrate hash` and ship atlas.sum with it.',
  ],
  milder: [],
  notes: [
    'Hashes are cumulative: only the first file that differs can be named.',
    'A cause that is named with "proven" was tried: with that undone, atlas.sum matches.',
    'Never let a pipeline hash what it ships: that takes the check away.',
  ],
}
