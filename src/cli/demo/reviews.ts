import { readdir, readFile } from 'node:fs/promises'
import https from 'node:https'
import { join } from 'node:path'
import type { DemoResponse, DemoResult } from './report.js'

/** An example AdmissionReview of the package, so its shape is known. */
interface ExampleReview {
  readonly request: {
    readonly operation: string
    readonly namespace: string
    readonly name: string
    readonly kind: { readonly kind: string }
  }
}

export interface DemoServer {
  readonly url: string
  /** The authority behind its certificate, PEM. */
  readonly authority: string
}

/**
 * Posts the reviews of the folder to the server as an API server would, in the order of their
 * names.
 */
export async function postExampleReviews(
  folder: string,
  server: DemoServer,
): Promise<readonly DemoResult[]> {
  const names = (await readdir(folder)).filter(name => name.endsWith('.json')).toSorted()
  const results: DemoResult[] = []
  for (const name of names) {
    const body = await readFile(join(folder, name), 'utf8')
    const { request } = JSON.parse(body) as ExampleReview
    const { response } = (await post(server, body)) as { readonly response: DemoResponse }
    results.push({
      title: name.replace(/^\d+-|\.json$/g, '').replaceAll('-', ' '),
      operation: request.operation,
      kind: request.kind.kind,
      namespace: request.namespace,
      name: request.name,
      response,
    })
  }
  return results
}

async function post({ url, authority }: DemoServer, body: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const text = await new Promise<string>((resolve, reject) => {
    const request = https.request(
      `${url}/validate?timeout=10s`,
      { method: 'POST', headers, ca: authority },
      response => {
        let received = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (received += chunk))
        response.on('end', () => resolve(received))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
  return JSON.parse(text)
}
