// All the commands of `rolegate-server`, each from its own file.
import { Command } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addCheck } from './commands/check.ts';
import { addCredentials } from './commands/credentials.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addKeys } from './commands/keys.ts';
import { addMetadata } from './commands/metadata.ts';
import { addRevoke } from './commands/revoke.ts';
import { addSessions } from './commands/sessions.ts';
import { addStart } from './commands/start.ts';
import { addTemplate } from './commands/template.ts';
import { addVerification } from './commands/verification.ts';
import type { ServerContext } from './context.ts';

/** @throws ConfigError, and what the command throws */
export async function runServerProgram(context: ServerContext): Promise<void> {
  const program = new Command('rolegate-server').description('SAML federation broker for AWS');
  const commands = [
    addStart,
    addCheck,
    addExplain,
    addMetadata,
    addTemplate,
    addDoctor,
    addKeys,
    addSessions,
    addCredentials,
    addRevoke,
    addAudit,
    addVerification,
  ];
  for (const add of commands) add(program, context);
  await program.parseAsync();
}
