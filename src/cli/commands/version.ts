import { healthz } from '../../api/contract/system.ts'
import type { Define } from '../define.ts'
import { examples } from '../examples.ts'

/** It tells of a controller that hangs, too: nobody waits a minute for a version. */
const CONTROLLER_TIMEOUT_MS = 5_000

export const defineVersion: Define = (command, session) => {
  command.addHelpText('after', examples('rackwright version', 'rackwright --json version')).action(async () => {
    const { out } = session
    const { productVersion } = await import('../../api/version.ts')
    const version = productVersion()
    const client = session.client(CONTROLLER_TIMEOUT_MS)
    const controller = await client.call(healthz, {}).then(
      health => health.version,
      () => undefined,
    )
    if (out.json) return out.value({ command: version, controller: controller ?? null, url: client.options.url })
    out.line(`rackwright ${version}`)
    out.line(
      controller === undefined
        ? `no controller answers at ${client.options.url}`
        : `controller ${controller} at ${client.options.url}`,
    )
  })
}
