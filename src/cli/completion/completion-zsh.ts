import type { CompletedCommand, CompletedOption, Completion } from './completed-command.js'

/** Works as a file of fpath and when it is sourced. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`)
  return `#compdef atlas-admission
# zsh completion of atlas-admission: a file _atlas-admission in fpath, or sourced after compinit
_atlas-admission() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ $funcstack[1] == _atlas-admission ]]; then
  _atlas-admission "$@"
else
  compdef _atlas-admission atlas-admission
fi`
}

function commandCase({ name, options, operands }: CompletedCommand): string {
  const specs = [
    ...options.map(optionSpec),
    ...(operands.kind === 'free' ? [] : [`*:operand:${action(operands)}`]),
  ]
  return [
    `    ${name})`,
    '      _arguments \\',
    ...specs.map(spec => `        ${quote(spec)} \\`),
    '        && return ;;',
  ].join('\n')
}

function optionSpec({ name, help, value, repeatable }: CompletedOption): string {
  const text = `[${help.replaceAll(/[[\]:\\]/g, '\\$&')}]`
  const head = repeatable ? `*--${name}` : `--${name}`
  return value === null ? head + text : `${head}=${text}:value:${action(value)}`
}

function action(completion: Completion): string {
  if (completion.kind === 'words') return `(${completion.words.join(' ')})`
  return completion.kind === 'files' ? '_files' : ' '
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
