import type { EtaConfig } from 'eta/core'

/**
 * Keeps the carriage returns of a template. The engine writes every line break of the text as a
 * line feed, so each return outside a tag is a stand-in until the engine has parsed the template.
 */

/** A kind of space that is not in the text: the engine trims it as it trims a return. */
export const findStandIn = (text: string): string =>
  Array.from({ length: 11 }, (_, i) => String.fromCharCode(0x2000 + i)).find(
    space => !text.includes(space),
  ) ?? '\u3000'

/** The text with stand-ins, except in tags and where a tag takes its line break away. */
export const hideReturns = (text: string, standIn: string): string =>
  text.replace(/\r\n(?=<%-)|<%(?:(?!%>)[\s\S])*%>(?:(?<=-%>)\r\n)?|\r/g, part =>
    part === '\r' ? standIn : part,
  )

/** A plugin of the engine that puts the returns back: as an escape in text, plain in code. */
export const restoreReturns = (standIn: string): EtaConfig['plugins'][number] => ({
  processAST: parts =>
    parts.map(part =>
      typeof part === 'string'
        ? part.replaceAll(standIn, '\\r')
        : { ...part, val: part.val.replaceAll(standIn, '\r') },
    ),
})
