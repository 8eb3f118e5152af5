// The audit trail of a command, for what it changes.
import type { Audit } from '../../audit/events.ts';
import type { Config } from '../../config/config.ts';
import { createLogger } from '../../log.ts';
import { openOperatorAudit } from '../../wiring/operator-audit.ts';
import type { ServerContext } from '../context.ts';

/** Runs with an audit trail whose chain then ends in order. With stdout as a sink, records go to stderr. */
export async function withOperatorAudit<T>(
  context: ServerContext,
  config: Config,
  act: (audit: Audit) => Promise<T>,
): Promise<T> {
  const log = createLogger('warn', context.stderr);
  const { audit, close } = openOperatorAudit(config, { ...context, log, auditStream: context.stderr });
  try {
    return await act(audit);
  } finally {
    await close();
  }
}
