import { resolve } from 'node:path'
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import {
  isBinaryExpression,
  isBindingElement,
  isComputedPropertyName,
  isElementAccessExpression,
  isForInStatement,
} from 'typescript/unstable/ast/is'
import { API, type Checker, type Type } from 'typescript/unstable/sync'

/**
 * Places below a folder where an object is asked for a property whose name the types do not spell out: `record[name]`
 * read or written, `name in record`, `const { [name]: value } = record` and `for (name in record)`. A number is no
 * such name, and neither is a name out of a union of literals, unless the type was asserted on the spot.
 * Each is `file:line: text`, with the file as it was given to the compiler.
 *
 * No rule of oxlint knows the types (1.94), so this asks the compiler itself: TypeScript 7 offers them to programs as
 * `typescript/unstable`, which is why its version is pinned.
 */
export function findIndexedNames(configFile: string, folder: string): readonly string[] {
  const api = new API({ cwd: resolve('.') })
  try {
    const path = resolve(configFile)
    const project = api.updateSnapshot({ openProjects: [path] }).getProject(path)!
    const { program, checker } = project
    const inside = program
      .getSourceFileNames()
      .filter(name => name.startsWith(`${resolve(folder)}/`))
    return inside.flatMap(name => filePlaces(program.getSourceFile(name)!, checker))
  } finally {
    api.close()
  }
}

interface Lookup {
  readonly node: Node
  /** The name that is looked up; null when it can be any. */
  readonly name: Node | null
}

function filePlaces(file: SourceFile, checker: Checker): readonly string[] {
  const lookups: Lookup[] = []
  const visit = (node: Node): void => {
    const name = lookedUp(node)
    if (name !== undefined) lookups.push({ node, name })
    node.forEachChild(visit)
  }
  visit(file)
  return lookups
    .filter(({ name }) => name === null || !isSpeltOut(name, checker))
    .map(({ node }) => {
      const start = node.getStart(file)
      const line = file.text.slice(0, start).split('\n').length
      return `${file.fileName}:${line}: ${file.text.slice(start, node.end)}`
    })
}

function lookedUp(node: Node): Node | null | undefined {
  if (isElementAccessExpression(node)) return node.argumentExpression
  if (isBinaryExpression(node) && node.operatorToken.kind === SyntaxKind.InKeyword) return node.left
  if (isForInStatement(node)) return null
  if (!isBindingElement(node) || !node.propertyName) return undefined
  return isComputedPropertyName(node.propertyName) ? node.propertyName.expression : undefined
}

function isSpeltOut(name: Node, checker: Checker): boolean {
  if (name.kind === SyntaxKind.AsExpression) return false
  const type = checker.getTypeAtLocation(name)!
  const known = type.isTypeParameter() ? (checker.getBaseConstraintOfType(type) ?? type) : type
  const parts: readonly Type[] = known.isUnionType() ? known.getTypes() : [known]
  return parts.every(
    part =>
      part.isStringLiteralType() ||
      (part !== checker.getAnyType() && checker.isTypeAssignableTo(part, checker.getNumberType())),
  )
}
