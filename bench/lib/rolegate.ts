// Rolegate as it is deployed: dist/server.js with a configuration file and Redis, in development mode only because the
// bench speaks http.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cookiesOf, postForm, type Reply, request } from './http.ts';
import { groupClaim, groupNames, upnClaim } from './idp.ts';
import { freePort, type Program, root, startProgram } from './processes.ts';
import { type PreparedPost, prepare, readRedirect, type SignInServer } from './sign-in-server.ts';
import type { Bench } from './subject.ts';

export const providerName = 'bench-broker';
export const accountId = '111122223333';
export const roleArn = `arn:aws:iam::${accountId}:role/Developer`;

export interface RolegateOptions {
  /** Replaces parts of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly listen?: (port: number) => object;
  /** Where STS is. */
  readonly awsUrl?: string;
  /** Before dist/server.js. */
  readonly nodeArgs?: readonly string[];
  readonly ipc?: boolean;
}

export interface Rolegate extends SignInServer {
  readonly url: string;
  readonly program: Program;
  readonly begin: NonNullable<SignInServer['begin']>;
  /** Signs in and returns the Cookie header of the session. */
  signIn(groups: number): Promise<string>;
}

export async function startRolegate(bench: Bench, options: RolegateOptions = {}): Promise<Rolegate> {
  await buildIfNeeded();
  const folder = bench.folder('rolegate');
  const [port, operationsPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const listen = options.listen && { listen: options.listen(port) };
  const config = {
    ...configuration(bench.redisUrl, port, operationsPort, options.awsUrl),
    ...listen,
    ...options.config,
  };
  writeFileSync(join(folder, 'rolegate.yaml'), stringify(config));
  writeKeys(bench, folder);
  const program = await startProgram({
    command: process.execPath,
    args: [
      ...(options.nodeArgs ?? []),
      join(root, 'dist/server.js'),
      'start',
      '--config',
      join(folder, 'rolegate.yaml'),
    ],
    env: { SESSION_SECRET: 'a-secret-for-the-bench-alone-0123456789' },
    // Not beside the configuration, whose folder is watched.
    logFile: join(bench.folder('log'), 'rolegate.log'),
    readyUrl: `http://127.0.0.1:${operationsPort}/readyz`,
    ipc: options.ipc ?? false,
  });
  const server = {
    name: 'Rolegate',
    acsUrl: `${url}/saml/acs`,
    spEntityId: `${url}/saml/metadata`,
    pids: [program.pid],
    begin: async () => {
      const reply = await request(`${url}/login`);
      return { ...readRedirect(reply), cookie: cookiesOf(reply) };
    },
    isSignedIn: ({ status }: Reply) => status === 303,
    close: () => program.stop(),
  };
  const signIn = async (groups: number) => {
    const post: PreparedPost = await prepare(server, bench.idp, groups);
    const reply = await postForm(server.acsUrl, post.fields, post.cookie);
    if (!server.isSignedIn(reply)) throw new Error(`Rolegate answered ${reply.status} to a sign-in`);
    return cookiesOf(reply);
  };
  return { ...server, url, program, signIn };
}

/** The text of a configuration that no server is started with; the files it names are written into the folder. */
export function configText(bench: Bench, folder: string, config: Readonly<Record<string, unknown>>): string {
  writeKeys(bench, folder);
  return stringify({ ...configuration(bench.redisUrl, 9, 10), ...config });
}

function writeKeys(bench: Bench, folder: string): void {
  writeFileSync(join(folder, 'idp-metadata.xml'), bench.idp.metadata);
  for (const name of ['sp', 'aws']) {
    writeFileSync(join(folder, `${name}.key`), bench.spKeys.key, { mode: 0o600 });
    writeFileSync(join(folder, `${name}.crt`), bench.spKeys.cert);
  }
}

async function buildIfNeeded(): Promise<void> {
  const builder = (await import(new URL('../../deploy/build.mjs', import.meta.url).href)) as {
    buildIfNeeded(folder: string): Promise<void>;
  };
  await builder.buildIfNeeded(root);
}

/** Everything that may keep its default does, except the limit for one address. */
function configuration(redisUrl: string, port: number, operationsPort: number, awsUrl = 'http://127.0.0.1:9') {
  const baseUrl = `http://127.0.0.1:${port}`;
  return {
    mode: 'development',
    baseUrl,
    listen: { host: '127.0.0.1', port },
    operations: { host: '127.0.0.1', port: operationsPort },
    store: { type: 'redis', url: redisUrl },
    // One address and one person measure everything.
    limits: { signIn: { perMinute: 0 }, credentials: { perMinute: 0 } },
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
    session: { secrets: ['${SESSION_SECRET}'] },
    serviceProvider: { entityId: `${baseUrl}/saml/metadata`, signing: { key: 'sp.key', cert: 'sp.crt' } },
    identityProviders: [
      {
        id: 'adfs',
        label: 'Corporate sign-in',
        metadata: { file: 'idp-metadata.xml' },
        attributes: { user: upnClaim, groups: groupClaim },
      },
    ],
    aws: {
      region: 'eu-west-1',
      provider: providerName,
      issuer: `${baseUrl}/aws/saml-metadata.xml`,
      signing: { key: 'aws.key', cert: 'aws.crt' },
      endpoints: { sts: awsUrl, signin: awsUrl },
    },
    accounts: [{ id: accountId, alias: 'payments', name: 'Payments' }],
    rules: [
      {
        name: 'payments-developers',
        when: { group: groupNames(1)[0] },
        grant: { accounts: ['payments'], role: 'Developer' },
      },
    ],
  };
}
