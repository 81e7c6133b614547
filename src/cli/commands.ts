import { auditCommand } from './audit/command.js'
import { checkCommand } from './check/command.js'
import type { Command } from './line/command.js'
import { compareCommand } from './compare/command.js'
import { consolidateCommand } from './consolidate/command.js'
import { demoCommand } from './demo/command.js'
import { explainCommand } from './explain/command.js'
import { exportCommand } from './compare/export-command.js'
import { helpCommand } from './help-command.js'
import { rulesCommand } from './rules/command.js'
import { serveCommand } from './serve/command.js'
import { versionCommand } from './version-command.js'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  checkCommand,
  explainCommand,
  auditCommand,
  consolidateCommand,
  compareCommand,
  exportCommand,
  rulesCommand,
  serveCommand,
  demoCommand,
  versionCommand,
  helpCommand,
]
