/**
 * What a Helm template does to a text inside it, or under `tpl`: `{{ name }}` is an action of the
 * template, and becomes its value. Nothing is left where it has none, so it cannot be undone.
 * `.Files.Get` gives the bytes of a file as they are.
 */
export const rawFromHelm =
  'compare it with git; where git is right, ship it with `.Files.Get`, not `tpl`'

/** Why, what else helps, and what to do where Helm is not the cause. */
export const signsOfHelm: readonly string[] = [
  'Helm renders this object: in a template, or under `tpl`, a `{{ name }}` of the SQL becomes a value or nothing',
  'a file that stands in the template itself has to write `{{ "{{" }}` for each `{{`; do not hash again',
  'where git has this text, too, the file was edited: restore it, and put the change into a new file',
]
