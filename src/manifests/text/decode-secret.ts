import type { Secret } from '../../policy/facts/atlas-migration.js'
import type { ObjectProblems } from '../../review/object/parse-object.js'
import { formatFieldPath } from '../../policy/text/field-path.js'

/**
 * A Secret as the API server stores it: `stringData` merged over `data`, and all values in base64.
 * A problem names a value that is not base64 only by its key. Most often such a value was left
 * encrypted in git, or belongs into `stringData`.
 */
export function decodeSecret(secret: Secret): { readonly secret: Secret } | ObjectProblems {
  const { data = {}, stringData = {}, ...rest } = secret
  const wrong = Object.entries(data)
    .filter(([, value]) => !isBase64(value))
    .map(([key]) => key)
  if (wrong.length > 0)
    return {
      problems: wrong.map(
        key =>
          `${formatFieldPath(['data', key])}: expected base64; plain text belongs into stringData, and an encrypted file must be decrypted`,
      ),
      paths: wrong.map(key => ['data', key]),
    }
  const decoded = Object.entries(data).map(([key, value]) => [key, value.replace(/[\r\n]/g, '')])
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ])
  return {
    secret: { ...rest, data: Object.fromEntries([...decoded, ...encoded]) as Secret['data'] & {} },
  }
}

/** Whether a text is Go's standard base64: padding is required, and line breaks are skipped. */
function isBase64(text: string): boolean {
  const plain = text.replace(/[\r\n]/g, '')
  return plain.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(plain)
}
