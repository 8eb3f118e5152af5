// `rolegate-server start`: from configuration to listening to draining.
import type { Command } from 'commander';
import { createLogger } from '../../log.ts';
import { warnOfOldNode } from '../../node-version.ts';
import type { ReloadTrigger } from '../../wiring/reload.ts';
import { type ConfigOption, configOption, print, type ServerContext } from '../context.ts';

export function addStart(program: Command, context: ServerContext): void {
  program
    .command('start')
    .description('serve until SIGTERM')
    .addOption(configOption())
    .action(async (options: ConfigOption) => {
      const config = await context.load(options);
      const { clock, random, stdout } = context;
      const log = createLogger(config.logLevel);
      for (const warning of config.warnings) log.warn(`DEVELOPMENT MODE, not safe for real use: ${warning}`);
      warnOfOldNode(log);
      // Loaded only now: no other command needs it.
      const { compose } = await import('../../wiring/compose.ts');
      const { listen } = await import('../../wiring/listen.ts');
      const { refreshOrganization } = await import('../../wiring/organization.ts');
      const world = { clock, random, log, auditStream: stdout, fetch: globalThis.fetch };
      const tracing = config.tracing.enabled ? (await import('../../wiring/tracing.ts')).createTracing(log) : undefined;
      const broker = compose(config, { ...world, tracing });
      await broker.start();
      await broker.recordStart();
      const listening = await listen(config, broker);
      context.started();
      const reload = async (trigger: ReloadTrigger) => {
        await broker.reload((running) => context.loadChanged(options.config, running), trigger);
      };
      const stopWatching = await context.watch(options.config, () => reload('file'));
      context.onHangup(() => void reload('signal'));
      const refreshing = refreshOrganization(broker.config, () => reload('organization'));
      const stop = (signal: string) => {
        log.info({ signal }, 'draining');
        stopWatching();
        refreshing.stop();
        listening.close(config.operations.drainDelayMs).then(
          () => context.exit(),
          (error: Error) => context.exit(error),
        );
      };
      process.once('SIGTERM', stop);
      process.once('SIGINT', stop);
      const { publicPort: port, operationsPort } = listening;
      print(context, `rolegate listening ${JSON.stringify({ brokerUrl: config.baseUrl, port, operationsPort })}`);
    });
}
