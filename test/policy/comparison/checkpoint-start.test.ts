import t from 'tap'
import { buildDirectory } from '../../../src/atlas/directory/directory.js'
import { compareTables } from '../../../src/policy/comparison/compare-tables.js'
import { checkpoint, files } from '../facts/facts-builder.js'
import { exported, row } from './tables.js'

const directory = buildDirectory({
  ...files('1_a', '2_b', '3_c', '5_e', '7_g'),
  ...checkpoint('4_all'),
  ...checkpoint('6_all'),
}).files

function differences(from: readonly string[], to: readonly string[], known = directory) {
  const [left, right] = [from, to].map((versions, side) =>
    exported(`${side}`, { table: { revisions: versions.map(version => row(version)) } }),
  )
  return compareTables(left!, right!, { files: known }).differences.map(
    ({ weight, found }) => `${weight}: ${found}`,
  )
}

void t.test('a row of a checkpoint stands for the files before it, both ways', async t => {
  t.strictSame(differences(['1', '2', '3', '5'], ['4', '5']), [
    'note: TO began at the checkpoint 4, which stands for 1, 2 and 3 of FROM',
  ])
  t.strictSame(differences(['4', '5'], ['1', '2', '3', '5']), [
    'note: FROM began at the checkpoint 4, which stands for 1, 2 and 3 of TO',
  ])
})

void t.test('the later of two checkpoints stands for the earlier one', async t => {
  t.strictSame(differences(['4', '5', '7'], ['6', '7']), [
    'note: TO began at the checkpoint 6, which stands for 4 and 5 of FROM',
  ])
})

void t.test('without the old files the checkpoint still stands for their rows', async t => {
  const known = directory.filter(({ version }) => version >= '4')
  t.strictSame(differences(['1', '2', '3', '5'], ['4', '5'], known), [
    'note: TO began at the checkpoint 4, which stands for 1, 2 and 3 of FROM',
  ])
})

void t.test('it explains nothing where a file before it did not run', async t => {
  const found = differences(['1', '3', '5'], ['4', '5'])
  t.match(found.join('\n'), /blocks: TO lacks 2 rows of FROM \(1 and 3\)/)
})

void t.test('it explains no row after it', async t => {
  const found = differences(['1', '2', '3', '5', '7'], ['4', '5'])
  t.match(found.join('\n'), /blocks: TO lacks 1 row of FROM \(7\)/)
})

void t.test('without the directory no row is known for a checkpoint', async t => {
  t.match(differences(['1', '2', '3'], ['4'], []).join('\n'), /blocks: TO lacks 3 rows/)
})
