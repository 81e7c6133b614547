import { objectName } from '../parts/finding-text.js'
import type { Place, ReportedObject } from '../parts/report.js'

/**
 * The object itself as a location, for readers that group by it. It is the only location of an
 * object in a cluster.
 */
export function objectLocation(object: ReportedObject) {
  const name = objectName(object)
  return { logicalLocations: [{ name, fullyQualifiedName: name, kind: 'resource' }] }
}

export function placeLocation({ file, line, column }: Place) {
  return {
    physicalLocation: {
      artifactLocation: artifact(file),
      region: { startLine: line, startColumn: column },
    },
  }
}

export function withPlace(location: ReturnType<typeof objectLocation>, place: Place | null) {
  return place === null ? location : { ...placeLocation(place), ...location }
}

/**
 * The file, relative to the place where the reader has the sources. Absolute paths stay absolute.
 */
function artifact(file: string) {
  if (file.startsWith('/')) return { uri: `file://${encodePath(file)}` }
  if (/^[a-z]:\//i.test(file))
    return { uri: `file:///${file.slice(0, 2)}${encodePath(file.slice(2))}` }
  return { uri: encodePath(file.replace(/^(?:\.\/)+/, '')), uriBaseId: '%SRCROOT%' }
}

/** Encodes a path (RFC 3986). Half of a surrogate pair cannot be encoded at all. */
function encodePath(file: string): string {
  return file
    .replace(/\p{Cs}/gu, '\uFFFD')
    .split('/')
    .map(encodeURIComponent)
    .join('/')
}
