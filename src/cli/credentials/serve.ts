// `rolegate serve`: the credentials endpoint for whatever is started beside it, until interrupted.
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { startCredentialServer } from './credential-server.ts';
import { regionVariables } from './credential-variables.ts';
import { warnOfDefaultProfile } from './default-profile.ts';
import { assignments, readShell } from './export.ts';
import { type RoleOptions, readRoleRequest, requireOneRole, type SessionOptions } from './session-options.ts';

export interface ServeOptions extends SessionOptions, RoleOptions {
  readonly role?: readonly string[];
  readonly port?: string;
  readonly shell?: string;
  readonly json?: true;
}

/** @throws CliError */
export async function serveCredentials(
  context: CliContext,
  role: string | undefined,
  options: ServeOptions,
): Promise<void> {
  const port = readPort(options.port);
  const shell = readShell(options.shell ?? 'env');
  const [first, ...more] = [...(role === undefined ? [] : [role]), ...(options.role ?? [])];
  requireOneRole(options, more);
  const request = await readRoleRequest(context, first, options);
  const others = await Promise.all(more.map((query) => readRoleRequest(context, query, options)));
  const { environment, addresses, close } = await startCredentialServer(context, { ...request, port, others });
  try {
    const roles = [...addresses].map(([roleArn, url]) => ({ roleArn, url }));
    const variables = { ...environment, ...regionVariables(request.region) };
    print(context, options.json ? JSON.stringify({ environment: variables, roles }) : assignments(shell, variables));
    warnOfDefaultProfile(context);
    for (const { roleArn, url } of more.length > 0 ? roles : []) say(context, `rolegate: ${roleArn} at ${url}`);
    say(context, `rolegate: serving ${[...addresses.keys()].join(', ')} until interrupted`);
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
