// `rolegate serve`: the credentials endpoint for whatever is started beside it, until interrupted.
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { startCredentialServer } from './credential-server.ts';
import { warnOfDefaultProfile } from './default-profile.ts';
import { type RoleOptions, readRoleRequest, type SessionOptions } from './session-options.ts';

export interface ServeOptions extends SessionOptions, RoleOptions {
  readonly role?: string;
  readonly port?: string;
  readonly json?: true;
}

/** @throws CliError */
export async function serveCredentials(context: CliContext, options: ServeOptions): Promise<void> {
  const port = readPort(options.port);
  const request = await readRoleRequest(context, options.role, options);
  const { environment, close } = await startCredentialServer(context, { ...request, port });
  try {
    const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    print(context, options.json ? JSON.stringify({ environment }) : lines.join('\n'));
    warnOfDefaultProfile(context);
    say(context, `rolegate: serving ${request.roleArn} until interrupted`);
    await interruption();
  } finally {
    await close();
  }
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
