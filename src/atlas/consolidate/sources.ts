import type { ConsolidationInput, ConsolidationSource, Refusal } from './consolidation.js'
import { listNames } from '../text/name-list.js'
import { validateDirectory } from '../directory/validate.js'
import { writeError } from '../directory/working-folder.js'

/** Refuses sources that are wrong by themselves, whatever the databases ran. */
export function refuseSources({ sources, output }: ConsolidationInput): readonly Refusal[] {
  if (sources.length === 0) return [noSource]
  return [
    ...refuseNamesakes(sources),
    ...sources.flatMap(source => refuseSource(source, output ?? 'configmap')),
  ]
}

const noSource: Refusal = {
  reason: 'no-source',
  found: 'there is no directory to consolidate',
  remedy: 'name at least one',
  subjects: [],
  database: null,
}

function refuseNamesakes(sources: readonly ConsolidationSource[]): readonly Refusal[] {
  const names = sources.map(({ name }) => name)
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
  return twice.map(name => ({
    reason: 'source-given-twice',
    found: `${name} is given twice`,
    remedy: 'name each directory once',
    subjects: [name],
    database: null,
  }))
}

type Output = NonNullable<ConsolidationInput['output']>

function refuseSource(source: ConsolidationSource, output: Output): readonly Refusal[] {
  if (source.directory.files.length === 0) return [emptySource(source)]
  return [...refuseSum(source), ...refuseFileNames(source, output)]
}

function emptySource({ name }: ConsolidationSource): Refusal {
  return {
    reason: 'source-empty',
    found: `${name} has no migration file`,
    remedy: 'leave it out, or look whether its files are where they should be',
    subjects: [name],
    database: null,
  }
}

function refuseSum({ name, directory }: ConsolidationSource): readonly Refusal[] {
  const error = validateDirectory(directory)
  if (error === null) return []
  const { checksum, message } = error
  const place =
    checksum && `atlas.sum line ${checksum.line}: ${checksum.file} was ${checksum.reason}`
  return [
    {
      reason: 'checksum',
      found: `${name}: ${place ?? message}`,
      remedy: 'put the files back as they were, or, if the change is meant, run atlas migrate hash',
      subjects: checksum ? [name, checksum.file] : [name],
      database: null,
    },
  ]
}

/**
 * Longest key of a ConfigMap, and the characters it may have (Kubernetes,
 * `validation.IsConfigMapKey`).
 */
const configMapKey = /^[-._a-zA-Z0-9]{1,253}$/

function refuseFileNames(
  { name, directory }: ConsolidationSource,
  output: Output,
): readonly Refusal[] {
  const isWritable = (file: string) =>
    writeError(file) === null && (output === 'folder' || configMapKey.test(file))
  const wrong = directory.files.map(file => file.name).filter(file => !isWritable(file))
  if (wrong.length === 0) return []
  return [
    {
      reason: 'file-name',
      found: `${name}: ${listNames(wrong)} cannot be the name of a file in a ${output === 'folder' ? 'folder' : 'ConfigMap'}`,
      remedy:
        'rename what never ran to letters, digits, ".", "_" and "-", and rehash; keep the directory of a file that ran as it is',
      subjects: wrong,
      database: null,
    },
  ]
}
