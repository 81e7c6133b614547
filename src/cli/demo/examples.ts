import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDirectory, type Directory } from '../../atlas/directory/directory.js'
import type { Cluster, Deadline } from '../../review/ports/ports.js'
import { packageFile } from '../../gate/package-file.js'

/** A database of the examples, and what has run on it. */
export interface ExampleDatabase {
  readonly name: string
  /** The directories to apply one after the other, each from its first file to its last. */
  readonly directories: readonly Directory[]
}

/** The folder `deploy/examples/` of the package. */
export const examplesFolder = fileURLToPath(packageFile('deploy/examples/'))

/** The host in the example objects, which the demo replaces by its own server. */
const exampleHost = 'shop-db.shop.svc:5432'

/**
 * Copies the example objects to a new temporary folder, with `server` (HOST:PORT) as their host.
 * Resolves to the folder's path.
 */
export async function copyExamples(server: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'atlas-admission-demo-'))
  const names = (await readdir(examplesFolder)).filter(name => name.endsWith('.yaml'))
  for (const name of names) {
    const text = await readFile(join(examplesFolder, name), 'utf8')
    await writeFile(join(folder, name), text.replaceAll(exampleHost, server))
  }
  return folder
}

export function removeExamples(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true })
}

/**
 * The example databases. The schema has run on both, and on the restored one the seed data as well.
 */
export async function exampleDatabases(cluster: Cluster): Promise<readonly ExampleDatabase[]> {
  const schema = await readDirectory(cluster, 'shop-schema')
  const seed = await readDirectory(cluster, 'shop-seed')
  return [
    { name: 'shop', directories: [schema] },
    { name: 'shop_restored', directories: [schema, seed] },
  ]
}

const unhurried: Deadline = { at: Infinity, signal: new AbortController().signal }

async function readDirectory(cluster: Cluster, name: string): Promise<Directory> {
  const configMap = await cluster.readConfigMap('shop', name, unhurried)
  if (!configMap?.data) throw new Error(`the example objects lack the ConfigMap shop/${name}`)
  return buildDirectory(configMap.data)
}
