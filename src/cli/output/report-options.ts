import type { CommandOption } from '../line/command.js'

// Options of the commands that judge objects and report on them.

export const policyOption: CommandOption = {
  name: 'policy',
  value: 'FILE',
  environment: 'ATLAS_ADMISSION_POLICY',
  help: 'settings file (YAML), as for serve',
}

export const namespaceOption: CommandOption = {
  name: 'namespace',
  value: 'NAME',
  default: 'default',
  help: 'namespace of objects in files that name none',
}

export const formatOption: CommandOption = {
  name: 'format',
  value: 'FORMAT[=FILE]',
  repeatable: true,
  help: 'text, json, sarif, junit or github, to standard output or a file; default text',
}

export const failOnOption: CommandOption = {
  name: 'fail-on',
  value: 'deny|warn',
  default: 'deny',
  help: 'what the exit code 1 stands for: what would be denied, or a warning too',
}
