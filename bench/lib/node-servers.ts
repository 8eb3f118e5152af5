// The two servers of bench/programs that take part in the sign-in: the floor and the usual Node.js stack.
import { join } from 'node:path';
import { cookiesOf, type Reply, request } from './http.ts';
import { idpEntityId } from './idp.ts';
import { freePort, startOwn } from './processes.ts';
import { readRedirect, type SignInServer } from './sign-in-server.ts';
import type { Bench } from './subject.ts';

export async function startFloor(bench: Bench): Promise<SignInServer> {
  const { server } = await start(bench, 'floor-acs', []);
  return { ...server, name: 'floor', begin: undefined };
}

export async function startExpress(bench: Bench): Promise<SignInServer> {
  const { server, url } = await start(bench, 'express-node-saml', [idpEntityId]);
  const begin = async () => {
    const reply = await request(`${url}/login`);
    return { ...readRedirect(reply), cookie: cookiesOf(reply) };
  };
  return { ...server, name: 'Express + node-saml', begin };
}

async function start(bench: Bench, name: string, args: readonly string[]) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = await startOwn(name, {
    args: [String(port), bench.redisUrl, bench.idp.certificate, ...args],
    env: { NODE_ENV: 'production' },
    logFile: join(bench.folder(name), 'log'),
    readyUrl: `${url}/`,
  });
  const server = {
    acsUrl: `${url}/saml/acs`,
    spEntityId: `${url}/saml/metadata`,
    pids: [program.pid],
    isSignedIn: ({ status }: Reply) => status === 303,
    close: () => program.stop(),
  };
  return { server, url };
}
