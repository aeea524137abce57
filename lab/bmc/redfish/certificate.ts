import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

const OPENSSL = 'openssl'

/** Self-signed as BMCs come with it, for 127.0.0.1. By openssl: Node reads X.509, but writes none. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'rackwright-bmc-'))
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30']
    const about = ['-subj', '/CN=virtual-bmc', '-addext', 'subjectAltName=IP:127.0.0.1']
    execFileSync(OPENSSL, ['req', ...kind, ...about, '-keyout', key, '-out', cert], { stdio: 'pipe' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
