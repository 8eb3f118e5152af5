// `rolegate serve`: the credentials endpoint for whatever is started beside it, until interrupted.
import type { Command } from 'commander';
import { startCredentialServer } from '../credentials/credential-server.ts';
import { warnOfDefaultProfile } from '../credentials/default-profile.ts';
import { addWishOptions, findWanted, type PlaceOptions, type WishOptions } from '../credentials/role-options.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';

interface ServeOptions extends WishOptions, PlaceOptions {
  readonly role?: string;
  readonly port?: string;
  readonly json?: true;
}

export function addServe(program: Command, context: CliContext): void {
  const command = program
    .command('serve')
    .description('a credentials endpoint on this machine, which renews by itself; prints the variables that lead there')
    .option('--role <role>', 'ARN, account/role, or words that only one role has')
    .option('--port <number>', 'port on 127.0.0.1; any free one by default')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON');
  addWishOptions(command).action(async (options: ServeOptions) => {
    const port = readPort(options.port);
    const wanted = await findWanted(context, options.role, options);
    const { environment, close } = await startCredentialServer(context, { ...wanted, port });
    try {
      const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      print(context, options.json ? JSON.stringify({ environment }) : lines.join('\n'));
      warnOfDefaultProfile(context);
      say(context, `rolegate: serving ${wanted.roleArn} until interrupted`);
      await interruption();
    } finally {
      await close();
    }
  });
}

/** @throws CliError usage */
function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1024 && port <= 65_535) return port;
  throw new CliError('usage', '--port must be between 1024 and 65535');
}

function interruption(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  return new Promise((resolve) => {
    const end = () => {
      for (const signal of signals) process.off(signal, end);
      resolve();
    };
    for (const signal of signals) process.on(signal, end);
  });
}
