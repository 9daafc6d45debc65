import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Html, html, trustHtml } from './html.ts'

/** What a page holds. Its style is added to that of all pages, and its script is its only one. */
export type Document = {
  readonly title: string
  readonly body: Html
  readonly style?: string
  readonly script?: string
}

/** Renders a self-contained page, which loads nothing and runs only its own script. */
export const renderDocument = ({ title, body, style: own = '', script }: Document): string => {
  const style = readFileSync(new URL('style.css', import.meta.url), 'utf8') + own
  const policy = [
    "default-src 'none'",
    `style-src '${hashText(style)}'`,
    ...(script === undefined ? [] : [`script-src '${hashText(script)}'`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const run =
    script === undefined ? null : html`\n<script type="module">${trustHtml(script)}</script>`
  return `<!doctype html>
${
  html`<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trustHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trustHtml(style)}</style></head><body>
${body}${run}</body></html>`.text
}
`
}

const hashText = (text: string): string =>
  `sha256-${createHash('sha256').update(text).digest('base64')}`
