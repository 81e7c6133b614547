import { auditCommand } from './audit-command.js'
import type { Command } from './command.js'
import { conformanceCommand } from './conformance-command.js'
import { consolidateCommand } from './consolidate-command.js'
import { demoCommand } from './demo-command.js'
import { rulesCommand } from './rules-command.js'
import { serveCommand } from './serve-command.js'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  serveCommand,
  auditCommand,
  consolidateCommand,
  rulesCommand,
  demoCommand,
  conformanceCommand,
]
