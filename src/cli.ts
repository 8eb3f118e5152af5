#!/usr/bin/env node
// Entry of `rolegate`, the command for people. It talks to the broker over HTTP and knows nothing of its inside.
import { Command } from 'commander';
import { consoleLink } from './cli/console.ts';
import { doctor } from './cli/doctor.ts';
import { systemClock } from './clock.ts';

/** Exit codes that scripts may rely on. */
const exitCodes = { ok: 0, usage: 2, network: 5 } as const;

async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const program = new Command('rolegate').description('AWS access through your company sign-in').exitOverride();
  program
    .command('console')
    .description('print the link that opens the AWS console as a role, for the browser you are signed in with')
    .argument('<role>', 'role ARN, or account/role with the account id or alias')
    .requiredOption('--broker <url>', 'address of the broker', process.env['ROLEGATE_URL'])
    .option('--destination <path>', 'console path or URL to land on')
    .option('--region <name>', 'region of the console')
    .action((role: string, options: { broker: string; destination?: string; region?: string }) => {
      process.stdout.write(`${consoleLink({ ...options, role })}\n`);
    });
  program
    .command('doctor')
    .description('check what this machine needs to use the broker')
    .requiredOption('--broker <url>', 'address of the broker', process.env['ROLEGATE_URL'])
    .option('--json', 'print JSON')
    .action(async ({ broker, json }: { broker: string; json?: boolean }) => {
      const checks = await doctor(broker, { env: process.env, fetch: globalThis.fetch, now: systemClock.now });
      const lines = checks.map(({ ok, name, detail }) => `${ok ? 'ok ' : 'BAD'}  ${name}: ${detail}`);
      process.stdout.write(`${json ? JSON.stringify({ checks }, null, 2) : lines.join('\n')}\n`);
      if (checks.some((check) => !check.ok)) exitCode = exitCodes.network;
    });
  await program.parseAsync([...argv], { from: 'user' });
  return exitCode;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // commander has printed what was wrong with the words; help is no mistake.
  const { exitCode, code, message } = error as { exitCode?: number; code?: string; message?: string };
  if (code === undefined) process.stderr.write(`rolegate: ${message}\n`);
  process.exitCode = exitCode === 0 ? exitCodes.ok : exitCodes.usage;
}
