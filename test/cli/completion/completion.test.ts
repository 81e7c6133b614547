import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { commands } from '../../../src/cli/commands.js'
import { bashCompletion } from '../../../src/cli/completion/completion-bash.js'
import { fishCompletion } from '../../../src/cli/completion/completion-fish.js'
import { zshCompletion } from '../../../src/cli/completion/completion-zsh.js'
import { ruleIds } from '../../../src/policy/rules/catalogue.js'
import { makeFolder, matchTranscript, runProgram } from '../program.js'

const names = commands.map(({ name }) => name)

/** A line as far as it is typed, and what is suggested for its last word. */
type Case = [line: string, suggested: readonly string[]]

const cases: readonly Case[] = [
  ['atlas-admission ru', ['rules']],
  ['atlas-admission con', names.filter(name => name.startsWith('con'))],
  ['atlas-admission rules migrate-down-p', ['migrate-down-predicted']],
  ['atlas-admission rules --for', ['--format']],
  ['atlas-admission rules --format m', ['markdown']],
  ['atlas-admission completion f', ['fish']],
  ['atlas-admission help ver', ['version']],
  ['atlas-admission version --j', ['--json']],
  ['atlas-admission serve --policy pol', ['policy.yaml']],
  ['atlas-admission conformance vec', ['vectors.json']],
]

const folder = makeFolder(t, { 'policy.yaml': '', 'vectors.json': '' })

async function script(shell: string): Promise<string> {
  const { code, stdout, stderr } = await runProgram(t, ['completion', shell])
  t.strictSame([code, stderr], [0, ''])
  return stdout
}

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0
}

function run(shell: string, args: readonly string[]): string {
  return execFileSync(shell, args, { cwd: folder, encoding: 'utf8' })
}

/** What bash calls, with the words as bash splits them. */
const askBash = `source /dev/stdin <<<"$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _atlas_admission; printf '%s\\n' "\${COMPREPLY[@]}"`

function bashSuggests(text: string, words: readonly string[]): readonly string[] {
  return run('bash', ['--norc', '-c', askBash, 'bash', text, ...words])
    .split('\n')
    .filter(Boolean)
}

void t.test('each shell gets a script, which was tried in that shell when it changed', async t => {
  for (const shell of ['bash', 'fish', 'zsh'])
    matchTranscript(t, `completion-${shell}`, await script(shell))
})

void t.test('bash', { skip: !isInstalled('bash') && 'bash is not installed' }, async t => {
  const text = await script('bash')
  for (const [line, suggested] of cases)
    t.strictSame(bashSuggests(text, line.split(' ')), suggested, line)
  const first = bashSuggests(text, ['atlas-admission', ''])
  t.strictSame(first, [...names, '--help', '--version'])
  t.strictSame(bashSuggests(text, ['atlas-admission', 'rules', '']), ruleIds)
  const behindEquals = ['atlas-admission', 'rules', '--format', '=']
  t.strictSame(bashSuggests(text, behindEquals), ['text', 'json', 'markdown'])
  t.strictSame(bashSuggests(text, [...behindEquals, 'j']), ['json'])
  t.strictSame(bashSuggests(text, ['atlas-admission', 'serve', '--listen', '']), [])
  t.match(run('bash', ['--norc', '-c', `${text}\ncomplete -p atlas-admission`]), '_atlas_admission')
})

void t.test('fish', { skip: !isInstalled('fish') && 'fish is not installed' }, async t => {
  const text = await script('fish')
  const ask = `source (printf '%s' $argv[1] | psub); complete -C $argv[2]`
  for (const [line, suggested] of cases) {
    const lines = run('fish', ['--no-config', '-c', ask, text, line])
    const words = lines.split('\n').flatMap(found => found.split('\t', 1)[0] || [])
    t.strictSame(words.sort(), suggested.toSorted(), line)
  }
})

/** An interactive zsh in a terminal of its own: the only place where it completes. One session for all lines. */
const askZsh = `zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; autoload -Uz compinit; compinit -u -D; source $1; cd $2"
zpty -w shell 'bindkey "^I" complete-word; print "=$((40 + 2))="'
zpty -r shell line '*=42=*'
shift 2
for typed; do
  zpty -n -w shell "$typed"$'\\t'
  zpty -w shell $'\\C-a: \\C-e; print "=$((40 + 2))="'
  zpty -r shell line '*=42=*'
  print -r -- "$line"$'\\n=next='
done`

void t.test('zsh', { skip: !isInstalled('zsh') && 'zsh is not installed' }, async t => {
  const file = join(makeFolder(t, { _script: await script('zsh') }), '_script')
  const single = cases.filter(([, suggested]) => suggested.length === 1)
  const lines = single.map(([line]) => line)
  const shown = run('zsh', ['-f', '-c', askZsh, 'zsh', file, folder, ...lines]).split('=next=')
  for (const [index, [line, [suggested = '']]] of single.entries()) {
    const words = line.split(' ')
    t.match(shown[index], [...words.slice(0, -1), suggested].join(' '), line)
  }
})

void t.test('what a shell could take for its own is quoted', async t => {
  const odd = {
    name: 'odd',
    summary: "it's [odd]: \\ so",
    options: [
      { name: 'free', help: "a:b [c] it's", value: { kind: 'free' }, repeatable: true },
      { name: 'on', help: 'a switch', value: null, repeatable: false },
    ],
    operands: { kind: 'free' },
  } as const
  t.match(zshCompletion([odd]), String.raw`'odd:it'\''s [odd]: \ so'`)
  t.match(zshCompletion([odd]), String.raw`'*--free=[a\:b \[c\] it'\''s]:value: '`)
  t.match(fishCompletion([odd]), String.raw`-a odd -d 'it\'s [odd]: \\ so'`)
  t.match(bashCompletion([odd]), '--free) :; return ;;')
  t.match(bashCompletion([{ ...odd, options: [] }]), '*) : ;;')
})

void t.test('a shell that is not known', async t => {
  for (const [argv, message] of [
    [['completion'], 'completion needs a shell: bash, zsh or fish'],
    [['completion', 'fishh'], 'no completion for "fishh"; did you mean fish?'],
    [['completion', 'powershell'], 'no completion for "powershell"; expected bash, zsh or fish'],
  ] as const) {
    const ended = await runProgram(t, argv)
    t.equal(ended.code, 2)
    t.match(ended.stderr, message)
  }
})
