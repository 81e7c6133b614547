import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { t, test } from 'tap'
import { traceLineage } from '../../../src/atlas/lineage/lineage.js'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { parseManifest } from '../../../src/manifests/text/parse-manifest.js'
import { buildClusterView } from '../../../src/review/facts/cluster-view.js'
import { dirStateSecretName, readDirState } from '../../../src/review/facts/dir-state.js'
import {
  consolidateSources,
  database,
  source,
} from '../../atlas/consolidate/consolidation-builder.js'
import { fakeCluster, unhurriedDeadline } from '../../review/fakes.js'
import { rowsOf } from '../../policy/facts/facts-builder.js'
import { growsLinearly, growsLinearlyInSteps } from './linear-work.js'

// Longer than tap's 30 s on a machine where many things run at once.
t.setTimeout(180_000)
// The runner has a limit of its own, and takes it from here.
t.comment('timeout=180000')

const version = (at: number) => String(20_200_000_000_000 + at)

/** Files of every `step`th version, from `start` on. */
function filesOf(count: number, { start = 0, step = 1 } = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `${version(start + at * step)}_a.sql`,
      `SELECT ${at};\n`,
    ]),
  )
}

/** As many files as a ConfigMap has room for. */
const mostFiles = 4000

const unrelated = (files: Readonly<Record<string, string>>) =>
  rowsOf(files).map(row => ({
    ...row,
    hash: createHash('sha256').update(row.version).digest('base64'),
  }))

void test('Merging directories is linear in their files and rows', async t => {
  const interleaved = (files: number) => [
    source('a', filesOf(files, { step: 2 })),
    source('b', filesOf(files, { start: 1, step: 2 })),
  ]
  growsLinearly(t, 'two directories that took turns, without rows', {
    most: mostFiles,
    least: mostFiles / 4,
    prepare: files => {
      const sources = interleaved(files)
      return () => consolidateSources({ sources, databases: [] })
    },
  })
  growsLinearly(t, 'every file of one directory is late for the other', {
    most: mostFiles,
    least: mostFiles / 4,
    prepare: files => {
      const sources = interleaved(files)
      const databases = [database('prod', rowsOf(filesOf(files, { start: 1, step: 2 })))]
      return () => consolidateSources({ sources, databases, renamePending: true })
    },
  })
  growsLinearly(t, 'rows that no directory has, and every version in both', {
    most: mostFiles,
    least: mostFiles / 4,
    prepare: files => {
      const sources = [source('a', filesOf(files)), source('b', filesOf(files, { step: 1 }))]
      const databases = [database('prod', unrelated(filesOf(files, { start: files })))]
      return () => consolidateSources({ sources, databases })
    },
  })
})

/** Texts of so many bytes, none of them well meant. */
const yamlShapes: Readonly<Record<string, (bytes: number) => string>> = {
  anchors: bytes => 'a: &a 1\n'.repeat(bytes / 8),
  aliases: bytes => `a: &a 1\nb: [${'*a,'.repeat(bytes / 3)}]`,
  'deep flow': bytes => '['.repeat(bytes),
  'deep blocks': bytes =>
    Array.from({ length: Math.sqrt(bytes) }, (_, at) => `${' '.repeat(at)}a:\n`).join(''),
  'dashes in one line': bytes => '- '.repeat(bytes / 2),
  wide: bytes => Array.from({ length: bytes / 12 }, (_, at) => `key${at}: 1\n`).join(''),
  'a long scalar': bytes => `a: "${'x'.repeat(bytes)}"`,
  'a long scalar of escapes': bytes => `a: "${'\\n'.repeat(bytes / 2)}"`,
  'a long block': bytes => `a: |\n${'  x\n'.repeat(bytes / 4)}`,
  'an open quote': bytes => `a: "${'x\n'.repeat(bytes / 2)}`,
  'question marks': bytes => '? '.repeat(bytes / 2),
  'many documents': bytes => '---\na: 1\n'.repeat(bytes / 9),
  comments: bytes => '# \n'.repeat(bytes / 3),
  tags: bytes => 'a: !a b\n'.repeat(bytes / 8),
  merges: bytes => `a: &a {}\n${'b: {<<: *a}\n'.repeat(bytes / 12)}`,
}

void test('Reading a YAML text is linear in its bytes, or refused', async t => {
  for (const [name, textOf] of Object.entries(yamlShapes))
    growsLinearly(t, name, {
      most: 65_536,
      least: 16_384,
      prepare: bytes => {
        const text = textOf(bytes)
        return () => parseManifest(text)
      },
    })
})

const archive = (files: readonly { readonly name: string; readonly body: string }[]) =>
  packTar(files.map(({ name, body }) => ({ header: { name, size: body.length }, body })))

/** Reads a dir-state Secret that holds these bytes. */
function readingOf(bytes: Uint8Array) {
  const secret = {
    metadata: { name: dirStateSecretName('app'), namespace: 'app' },
    type: 'atlasgo.io/db.v1',
    data: { 'migrations.tar.gz': Buffer.from(bytes).toString('base64') },
  }
  return () =>
    readDirState(
      buildClusterView(
        fakeCluster({ secrets: { [secret.metadata.name]: secret } }),
        unhurriedDeadline(),
      ),
      'app',
      'app',
    )
}

void test('Reading a dir-state is linear in its archive', async t => {
  const archives = new Map<number, Uint8Array>()
  for (const files of [mostFiles / 2, mostFiles]) {
    const entries = Object.entries(filesOf(files)).map(([name, body]) => ({ name, body }))
    archives.set(files, gzipSync(await archive(entries)))
  }
  await growsLinearlyInSteps(t, 'many files', {
    most: mostFiles,
    prepare: files => readingOf(archives.get(files)!),
  })
  const mib = 1024 * 1024
  await growsLinearlyInSteps(t, 'zeros, which end an archive, again and again', {
    most: 8 * mib,
    prepare: bytes => readingOf(gzipSync(Buffer.alloc(bytes))),
  })
  await growsLinearlyInSteps(t, 'no archive at all', {
    most: 4 * mib,
    prepare: bytes => readingOf(gzipSync(Buffer.alloc(bytes, 'x'))),
  })
})

void test('A lineage that nothing explains costs its budget, whatever else it is told', async t => {
  growsLinearly(t, 'several other directories', {
    most: 2000,
    least: 500,
    prepare: count => {
      const own = filesOf(count)
      const { files } = buildDirectory(own)
      const others = [1, 2, 3].map(start => buildDirectory(filesOf(count, { start })).files)
      const revisions = unrelated(own)
      return () => traceLineage({ files, revisions, others })
    },
  })
})
