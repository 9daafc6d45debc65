/** What the tests use of the package aws4, which declares no types. */
declare module 'aws4' {
  type Request = {
    readonly service: string
    readonly region: string
    readonly host: string
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
    readonly extraHeadersToIgnore?: Readonly<Record<string, boolean>>
  }
  const aws4: {
    readonly sign: (
      request: Request,
      keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
    ) => { readonly headers: Readonly<Record<string, unknown>> }
  }
  export default aws4
}
