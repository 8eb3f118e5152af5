// Keycloak as an identity provider: its makers' own build on a free port with a database in memory, and its admin API.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { endsWithUs, killed } from '../../support/children.ts';
import { keycloak } from '../../support/parts/parts.ts';
import { freePort } from '../../support/ports.ts';
import { waitFor } from '../../support/wait.ts';

// On a busy machine it takes minutes.
const READY_WITHIN_MILLISECONDS = 480_000;

export interface Keycloak {
  /** The realm's address: `http://localhost:…`, so that it is another site than a broker on 127.0.0.1. */
  readonly realmUrl: string;
  readonly metadataUrl: string;
  /** The admin API of the realm. @returns what was sent back: JSON, or the last part of Location */
  admin<T = unknown>(method: string, path: string, body?: object | string): Promise<T>;
  stop(): Promise<void>;
}

const REALM = 'corp';

/** @param realm its content. @throws Error with what Keycloak said when it does not answer in time */
export async function startKeycloak(realm: object): Promise<Keycloak> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const password = randomBytes(16).toString('hex');
  const { child, output } = startJava(port, password);
  const call = adminCaller(url, password);
  try {
    await waitFor(
      'Keycloak',
      async () => {
        if (child.exitCode !== null) return 'exited';
        return (await fetch(`${url}/realms/master`)).ok && 'ready';
      },
      { timeoutMilliseconds: READY_WITHIN_MILLISECONDS, intervalMilliseconds: 250 },
    );
    await call('POST', '/admin/realms', { realm: REALM, enabled: true, sslRequired: 'none', ...realm });
  } catch (cause) {
    await killed(child);
    throw new Error(`Keycloak did not start:\n${output()}`, { cause });
  }
  const realmUrl = `${url}/realms/${REALM}`;
  return {
    realmUrl,
    metadataUrl: `${realmUrl}/protocol/saml/descriptor`,
    admin: (method, path, body) => call(method, `/admin/realms/${REALM}/${path}`, body),
    stop: () => killed(child),
  };
}

/** As bin/kc.sh starts it, but without a shell in between, which would survive a kill of either. */
function startJava(port: number, password: string): { child: ChildProcess; output: () => string } {
  const { java, folder } = keycloak();
  const properties = {
    'kc.home.dir': folder,
    'jboss.server.config.dir': join(folder, 'conf'),
    'java.util.logging.manager': 'org.jboss.logmanager.LogManager',
    'java.util.concurrent.ForkJoinPool.common.threadFactory':
      'io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
    'picocli.disable.closures': 'true',
  };
  const child = endsWithUs(
    spawn(
      java,
      [
        // The start is most of the work: a compiler that is quick, not thorough.
        ...['-Xmx512m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Duser.language=en'],
        ...['java.util', 'java.util.concurrent', 'java.security'].map(
          (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
        ),
        ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`),
        ...['-cp', join(folder, 'lib/quarkus-run.jar'), 'io.quarkus.bootstrap.runner.QuarkusEntryPoint'],
        ...['start', '--optimized', '--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`],
        ...['--hostname-strict=false', '--cache=local'],
      ],
      {
        env: { ...process.env, KC_BOOTSTRAP_ADMIN_USERNAME: 'admin', KC_BOOTSTRAP_ADMIN_PASSWORD: password },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ),
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

function adminCaller(url: string, password: string) {
  /** Tokens live a minute: a new one for each call. */
  const token = async () => {
    const form = { grant_type: 'password', client_id: 'admin-cli', username: 'admin', password };
    const body = new URLSearchParams(form);
    const answer = await fetch(`${url}/realms/master/protocol/openid-connect/token`, { method: 'POST', body });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  return async <T>(method: string, path: string, body?: object | string): Promise<T> => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${await token()}`,
        'content-type': typeof body === 'string' ? 'application/xml' : 'application/json',
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Keycloak: ${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? answer.headers.get('location')?.split('/').at(-1) : JSON.parse(text)) as T;
  };
}
