import { expect, test, vi } from 'vitest'
import { listen } from '../../bmc/ipmi/support/console.ts'
import { soon, useLab } from '../../bmc/ipmi/support/lab.ts'

const lab = useLab()

test('what nobody reads is not taken, and what the BMC kept is not lost', async () => {
  const { machine, port } = await lab.start()
  const console = await lab.open(port).driver.openConsole?.({ steal: false }, soon())
  if (!console) throw new Error('no console')
  // More than the stream keeps: the rest stays with the BMC until somebody reads.
  machine.serial.write(Buffer.from('print 1300000\r'))
  await vi.waitFor(() => expect(console.stream.readableLength).toBeGreaterThan(900_000), { timeout: 8_000 })
  const said = listen(console)
  // The BMC's own queue holds one megabyte, so some of the first is gone by then; nothing that it kept is.
  await said.until(1_000_000)
  expect(said.text().replaceAll('0123456789abcdef', '')).toHaveLength(said.text().length % 16)
  await console.close()
})
