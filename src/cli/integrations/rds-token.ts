// `rolegate rds-token`: a password for a database user of RDS or Aurora with IAM authentication, good for 15 minutes.
import { readTarget } from '../curl/curl-target.ts';
import { type CliContext, print } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { type IntegrationOptions, obtainRole } from './integration-role.ts';
import { presignUrl } from './presign.ts';

export interface RdsTokenOptions extends IntegrationOptions {
  readonly hostname: string;
  readonly port: string;
  readonly username: string;
}

/** What RDS allows at most. */
const tokenSeconds = 900;

/** @throws CliError */
export async function rdsToken(context: CliContext, options: RdsTokenOptions): Promise<void> {
  const { hostname, port, username } = options;
  if (!/^[a-z0-9][a-z0-9.-]*$/i.test(hostname)) throw new CliError('usage', `"${hostname}" is not a name of a host`);
  if (!/^\d{1,5}$/.test(port)) throw new CliError('usage', `"${port}" is not a port`);
  // The endpoint says the region: NAME.ID.REGION.rds.amazonaws.com.
  const named = /\.([a-z]{2,4}(?:-[a-z]+)+-\d)\.rds\.[a-z.]+$/.exec(hostname)?.[1];
  const wanted = options.region ?? named;
  const { credentials, region } = await obtainRole(context, {
    ...options,
    ...(wanted === undefined ? {} : { region: wanted }),
  });
  const query = new URLSearchParams({ Action: 'connect', DBUser: username });
  const target = readTarget(`https://${hostname}:${port}/?${query}`, { service: 'rds-db', region });
  const now = context.clock.now();
  const url = await presignUrl({ method: 'GET', target, credentials, now, expiresInSeconds: tokenSeconds });
  const token = url.replace('https://', '');
  if (!options.json) return print(context, token);
  // It ends with the session that signed it.
  const endsAt = Math.min(now.getTime() + tokenSeconds * 1000, Date.parse(credentials.Expiration));
  print(context, JSON.stringify({ token, expiresAt: new Date(endsAt).toISOString() }));
}
