// npm run bundle: the program with every package that it uses, in a few files of dist/bundle/js, for the npm package and
// the image.
//
// Why: npm heeds `overrides` in the project at hand only, so that whoever installed atlas-admission with its packages
// beside it got undici 8, which Node 20 cannot load; and a thousand files of the Kubernetes client take a second to load.
//
// What is loaded together is one file; a command loads only the files that it needs. Names are kept, and beside each file
// lies its source map: `node --enable-source-maps` translates the frames of a fault.
import { chmod, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { build } from 'esbuild'
import { collectLicenses } from './licenses.mjs'

const folder = join('dist', 'bundle')
/** As deep below the package's root as dist/src/gate: src/gate/package-file.ts counts on it. */
const programs = join(folder, 'js')

/** What a package tries to load and does without: pg's bindings to libpq, two native helpers of ws. */
const neverThere = ['pg-native', 'bufferutil', 'utf-8-validate']

// CommonJS modules of a bundle find Node's own modules through this.
const require =
  "import{createRequire as requireFrom$}from'node:module';const require=requireFrom$(import.meta.url);"

await rm(folder, { recursive: true, force: true })
const { metafile, warnings } = await build({
  entryPoints: ['src/main.ts', 'src/webhook/tls/self-signed.ts'],
  entryNames: '[name]',
  outdir: programs,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  banner: { js: require },
  external: neverThere,
  // Short names gain nothing at the start, and cost the names in stack traces, metrics and messages.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  sourcemap: 'linked',
  sourcesContent: false,
  // A linked node_modules must not show in source maps and names.
  preserveSymlinks: true,
  metafile: true,
})

/** Node's own, be it of a newer Node: undici asks for node:sqlite when it is told to cache there. */
const isOfNode = path => path.startsWith('node:') || isBuiltin(path)
const foreign = Object.values(metafile.outputs)
  .flatMap(output => output.imports)
  .filter(({ external, path }) => external && !isOfNode(path) && !neverThere.includes(path))
  .map(({ path }) => path)
/* c8 ignore next 4 - only when a package has changed */
if (warnings.length > 0 || foreign.length > 0)
  throw new Error(
    `the bundle is not whole: ${[...warnings.map(w => w.text), ...foreign].join('; ')}`,
  )

await chmod(join(programs, 'main.js'), 0o755)
await writeFile(join(folder, 'THIRD-PARTY-LICENSES'), collectLicenses(Object.keys(metafile.inputs)))
