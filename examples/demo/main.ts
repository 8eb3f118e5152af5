// `npm run demo`: the whole thing on this machine, until interrupted.
import { fileURLToPath } from 'node:url';
import { createLogger } from '../../src/log.ts';
import { warnOfOldNode } from '../../src/node-version.ts';
import { buildMissingCommand } from './command.ts';
import { startDemo } from './start.ts';

const directory = fileURLToPath(new URL('../../certs/demo', import.meta.url));
const port = Number(process.env['ROLEGATE_DEMO_PORT'] ?? 8080);

const log = createLogger('warn');
warnOfOldNode(log);
try {
  await buildMissingCommand();
  const demo = await startDemo({
    port,
    host: process.env['ROLEGATE_DEMO_HOST'] ?? '127.0.0.1',
    directory,
    redisUrl: process.env['REDIS_URL'],
    log,
  });
  const { brokerUrl, idpUrl, awsUrl, operationsUrl } = demo;
  console.log(`Rolegate demo: the broker, an AD FS-like identity provider and an AWS emulator.

  Open     ${brokerUrl}
  Sign in  alice (many accounts), bob (one read-only role), mallory (no role); password: password
           one-time code, where a role asks for it: 123456
  Terminal ${brokerUrl}/cli has the command line, and how to install it
  AWS CLI  paste the credentials into a shell, then
           aws sts get-caller-identity --endpoint-url ${awsUrl}
  Look at  ${operationsUrl}/metrics, ${directory}/audit.jsonl and rolegate.yaml beside it

Nothing here is secret, and nothing here may be reached from outside. Ctrl-C ends it.
`);
  console.log(`rolegate demo ready ${JSON.stringify({ brokerUrl, idpUrl, awsUrl })}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void demo.close().then(() => process.exit(0)));
  }
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const hint = code === 'EADDRINUSE' ? `: set ROLEGATE_DEMO_PORT to the first of four free ports (now ${port})` : '';
  console.error(`The demo could not start: ${message}${hint}`);
  process.exit(1);
}
