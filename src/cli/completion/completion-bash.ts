import type { CompletedCommand, Completion } from './completed-command.js'

/** For bash 3.2 (macOS) and newer, without the package bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `# bash completion of atlas-admission: source <(atlas-admission completion bash)
_atlas_admission_words() { COMPREPLY=($(compgen -W "$1" -- "$current")); }
_atlas_admission_files() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -f -- "$current"))
  compopt -o filenames 2>/dev/null
}
_atlas_admission() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  # bash takes --option=value for three words.
  if [[ $current == '=' ]]; then current=
  elif [[ $previous == '=' ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if ((COMP_CWORD == 1)); then
    _atlas_admission_words '${commands.map(({ name }) => name).join(' ')} --help --version'
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('\n')}
  esac
}
complete -F _atlas_admission atlas-admission`
}

function commandCase({ name, options, operands }: CompletedCommand): string {
  const values = options.flatMap(option =>
    option.value === null ? [] : [`        --${option.name}) ${suggest(option.value)}; return ;;`],
  )
  const names = options.map(option => `--${option.name}`).join(' ')
  return [
    `    ${name})`,
    ...(values.length > 0 ? ['      case $previous in', ...values, '      esac'] : []),
    '      case $current in',
    `        -*) _atlas_admission_words '${names}' ;;`,
    `        *) ${suggest(operands)} ;;`,
    '      esac ;;',
  ].join('\n')
}

function suggest(completion: Completion): string {
  if (completion.kind === 'words') return `_atlas_admission_words '${completion.words.join(' ')}'`
  return completion.kind === 'files' ? '_atlas_admission_files' : ':'
}
