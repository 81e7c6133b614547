import { CodedError } from '../../review/ports/coded-error.js'

/** The folder of manifests does not exist, is no folder, or may not be read. */
export class ManifestsFolderError extends CodedError {
  readonly code = 'ATLAS_ADMISSION_MANIFESTS_FOLDER'

  constructor(folder: string, cause: unknown) {
    const reason = String((cause as NodeJS.ErrnoException).code)
    super(
      `cannot read the manifests: expected a readable folder at ${folder}, found ${reasons.get(reason) ?? reason}; ` +
        'name an existing folder of YAML or JSON files',
      { cause },
    )
  }
}

const reasons: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ENOENT: 'nothing there',
    ENOTDIR: 'a file',
    EACCES: 'no right to read it',
  }),
)
