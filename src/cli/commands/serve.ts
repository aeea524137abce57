import type { Define } from '../define.ts'
import { examples } from '../examples.ts'

export const defineServe: Define = (command, session) => {
  command
    .addHelpText(
      'after',
      examples(
        'rackwright serve',
        'rackwright serve --config /etc/rackwright/rackwright.yaml',
        'RACKWRIGHT_API_LISTEN=127.0.0.1:8480 rackwright serve',
      ),
    )
    .action(async () => {
      const { serve } = await import('../../main.ts')
      await serve({
        configFile: session.configFile,
        environment: session.around.env,
        say: line => session.out.line(line),
      })
    })
}
