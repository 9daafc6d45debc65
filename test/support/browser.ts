import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { requirePrograms } from '../../scripts/test/skip.ts'

export type PageOptions = {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
}

/** A real browser, and pages that it opens from files. */
export type TestBrowser = {
  /**
   * Opens the text as a file; `complaints` is all that the page reports as wrong, what it wanted to
   * load included.
   */
  readonly open: (
    html: string,
    look?: PageOptions,
  ) => Promise<{ readonly page: Page; readonly complaints: readonly string[] }>
  readonly close: () => Promise<void>
}

/** Debian's Chromium; skips where there is none. */
export const openBrowser = async (): Promise<TestBrowser> => {
  requirePrograms('chromium')
  const chrome: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    timeout: 60_000,
  })
  const folder = mkdtempSync(join(tmpdir(), 'brdtest-page-'))
  return {
    open: async (html, { width = 1280, height = 900, scheme = 'light' } = {}) => {
      const file = join(folder, 'report.html')
      writeFileSync(file, html)
      const page = await chrome.newPage({
        viewport: { width, height },
        colorScheme: scheme,
        reducedMotion: 'reduce',
      })
      page.setDefaultTimeout(20_000)
      const complaints: string[] = []
      page.on('console', message => complaints.push(`${message.type()}: ${message.text()}`))
      page.on('pageerror', error => complaints.push(error.message))
      page.on(
        'request',
        request =>
          request.url().startsWith('file:') || complaints.push(`asks for ${request.url()}`),
      )
      await page.goto(pathToFileURL(file).href)
      return { page, complaints }
    },
    close: async () => {
      await chrome.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
