import type { CompletedCommand, CompletedOption, Completion } from './completed-command.js'

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  return [
    '# fish completion of atlas-admission: ~/.config/fish/completions/atlas-admission.fish',
    'complete -c atlas-admission -f',
    ...commands.map(
      ({ name, summary }) =>
        `complete -c atlas-admission -n __fish_use_subcommand -a ${name} -d ${quote(summary)}`,
    ),
    ...commands.flatMap(commandLines),
  ].join('\n')
}

function commandLines({ name, options, operands }: CompletedCommand): readonly string[] {
  const head = `complete -c atlas-admission -n '__fish_seen_subcommand_from ${name}'`
  return [
    ...options.map(option => `${head} ${optionFlags(option)} -d ${quote(option.help)}`),
    ...(operands.kind === 'free' ? [] : [`${head} ${suggest(operands)}`]),
  ]
}

function optionFlags({ name, value }: CompletedOption): string {
  if (value === null) return `-l ${name}`
  return value.kind === 'files' ? `-l ${name} -r -F` : `-l ${name} -x ${suggest(value)}`.trimEnd()
}

function suggest(completion: Completion): string {
  if (completion.kind === 'words') return `-a ${quote(completion.words.join(' '))}`
  return completion.kind === 'files' ? '-F' : ''
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
}
