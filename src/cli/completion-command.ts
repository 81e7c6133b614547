import type { Command } from './line/command.js'

export const completionCommand: Command = {
  name: 'completion',
  summary: 'print a script that completes commands, options and values in a shell',
  operands: 'bash|zsh|fish',
  options: [],
  examples: [
    'source <(atlas-admission completion bash)',
    'atlas-admission completion zsh > "${fpath[1]}/_atlas-admission"',
    'atlas-admission completion fish > ~/.config/fish/completions/atlas-admission.fish',
  ],
}
