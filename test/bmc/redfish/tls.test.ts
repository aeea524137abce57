import { X509Certificate } from 'node:crypto'
import { afterAll, expect, test } from 'vitest'
import { makeCertificate } from '../../../lab/bmc/redfish/certificate.ts'
import { end, openLab, openTo, soon } from './support.ts'

const [first, second] = [makeCertificate(), makeCertificate()]
const digestOf = (cert: string) => new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase()
const lab = openLab({ shape: 'openbmc-like', tls: first })
afterAll(() => end(lab))

test('the certificate of the first contact is told, and expected ever after', async () => {
  const { driver, service, learned } = await lab
  await driver.readPower(soon())
  expect(learned).toEqual([{ certificate: digestOf(first.cert) }])
  const known = { certificate: digestOf(first.cert) }
  const again = openTo(service, { known })
  expect(await again.readPower(soon())).toBe('off')
  await again.close()
})

test('another certificate is refused before anything is sent', async () => {
  const { service } = await lab
  const before = service.requests.length
  const other = openTo(service, { known: { certificate: digestOf(second.cert) } })
  const error: unknown = await other.readPower(soon()).catch((thrown: unknown) => thrown)
  await other.close()
  expect(error).toMatchObject({ code: 'bmc_auth' })
  expect(String(error)).toContain(digestOf(first.cert))
  expect(String(error)).toContain(digestOf(second.cert))
  expect(service.requests).toHaveLength(before)
})

test('a certificate that changes between two connections of one driver is refused', async () => {
  const { service } = await lab
  const driver = openTo(service, {})
  await driver.readPower(soon())
  service.useCertificate(second)
  service.fail([{ times: 1, effect: { kind: 'drop' } }])
  await expect(driver.readPower(soon())).rejects.toMatchObject({ code: 'bmc_auth' })
  service.useCertificate(first)
  await driver.close()
})

test('an authority is enough, and one that did not sign is refused', async () => {
  const { service } = await lab
  const signed = openTo(service, { ca: first.cert })
  expect(await signed.readPower(soon())).toBe('off')
  await signed.close()
  const notSigned = openTo(service, { ca: second.cert })
  await expect(notSigned.readPower(soon())).rejects.toMatchObject({ code: 'bmc_auth' })
  await notSigned.close()
})

test('plain HTTP to a TLS port, and TLS to a plain one, are told in words', async () => {
  const { service } = await lab
  const plain = openTo(service, { plainHttp: true })
  await expect(plain.readPower(soon())).rejects.toMatchObject({ name: 'AppError' })
  await plain.close()
  const open = await openLab({ shape: 'openbmc-like' }, { plainHttp: false })
  await expect(open.driver.readPower(soon())).rejects.toMatchObject({ code: 'bmc_unreachable' })
  await end(open)
})
