import { operation } from '../operation.ts'
import type { Validate } from './file/edit.ts'
import type { Path, Rights } from './file/entry.ts'
import { file } from './file.ts'
import { type Data, renderTemplate } from './template/render.ts'

export type Template = Rights &
  Validate & {
    /** The file on the host, absolute. Its folder must exist. */
    readonly path: Path
    /**
     * The template on the controller: `new URL('./site.conf.eta', import.meta.url)`. It is read and
     * filled in when the operation is made.
     */
    readonly source: URL
    /**
     * What the template may use, as `it.name`. With a Secret in it the whole file is secret and is
     * not shown.
     */
    readonly data: Data
  }

/**
 * A file with the text of an eta template: `<%= it.port %>` writes a value, `<% for (const host of
 * it.hosts) { %>` is JavaScript, and a line of code alone leaves no line behind. A name that
 * is not in the data, a value that is not text and a mistake in the code are errors with file and
 * line, before any connection. A text from a TypeScript function, checked by the compiler, needs no
 * template: ``file({ path, content: site({ port: 80 }) })``.
 */
export const template = operation('template', {
  from: ({ source, data, ...rest }: Template, meta) =>
    file({ ...rest, content: renderTemplate(source, data) }, meta),
})
