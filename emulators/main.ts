// `npm run emulators`: the AD FS, AWS and OpenID emulators on three ports of this machine, until interrupted.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startAdfs } from './adfs/server.ts';
import { startAws } from './aws/server.ts';
import { type KeyPair, makeKeyPair } from './keys.ts';
import { startOpenidProvider } from './openid/provider.ts';
import { openidPerson, people, sampleEstate } from './sample.ts';

const usage = `Usage: npm run emulators -- [options]

  --port N               the first of three ports: AD FS, AWS, OpenID (default 8081; 0: any free ports)
  --host ADDRESS         where to listen (default 127.0.0.1)
  --sp-entity-id URI     the SAML service provider (default http://127.0.0.1:8080/saml/metadata)
  --acs-url URL          its assertion consumer service (default http://127.0.0.1:8080/saml/acs)
  --saml-provider NAME   the SAML provider that the AWS account trusts (default rolegate)
  --saml-metadata FILE   its metadata, read at every request; without it nobody can sign in to AWS
  --client-id ID         the OpenID client (default rolegate)
  --client-secret TEXT   its secret (default secret)
  --keys DIRECTORY       keeps the keys of AD FS there between runs
  --help`;

try {
  await main();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  const hint = code === 'EADDRINUSE' ? ': --port takes the first of three free ports' : '';
  process.stderr.write(`The emulators could not start: ${message}${hint}\n`);
  process.exit(code?.startsWith('ERR_PARSE_ARGS') ? 2 : 1);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8081' },
      host: { type: 'string', default: '127.0.0.1' },
      'sp-entity-id': { type: 'string', default: 'http://127.0.0.1:8080/saml/metadata' },
      'acs-url': { type: 'string', default: 'http://127.0.0.1:8080/saml/acs' },
      'saml-provider': { type: 'string', default: 'rolegate' },
      'saml-metadata': { type: 'string' },
      'client-id': { type: 'string', default: 'rolegate' },
      'client-secret': { type: 'string', default: 'secret' },
      keys: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_533) throw new Error(`--port ${values.port} is not a port`);
  const now = () => new Date();
  const { host } = values;
  const place = (offset: number) => ({ host, now, port: port === 0 ? 0 : port + offset });
  const adfs = await startAdfs({
    ...place(0),
    users: people,
    relyingParties: [{ entityId: values['sp-entity-id'], acsUrl: values['acs-url'] }],
    signing: await keptKeyPair(values.keys, 'ADFS Signing'),
    encryption: await keptKeyPair(values.keys, 'ADFS Encryption'),
    hint: 'Sample people: alice, bob, mallory. The password is “password”, the one-time code 123456.',
  });
  const aws = await startAws({ ...place(1), estate: sampleEstate(values['saml-provider'], values['saml-metadata']) });
  const client = { clientId: values['client-id'], clientSecret: values['client-secret'] };
  const openid = await startOpenidProvider({ ...place(2), client, person: openidPerson });
  process.stdout.write(`Emulators for tests and development. Nothing here is secret.

  AD FS    ${adfs.metadataUrl}
           people: alice, bob, mallory; password: password; one-time code: 123456
  AWS      ${aws.url}
           account 111122223333, roles Developer and ReadOnly
  OpenID   ${openid.issuer}/.well-known/openid-configuration
           client ${client.clientId}, secret ${client.clientSecret}

`);
  const ready = {
    adfs: { url: adfs.url, metadataUrl: adfs.metadataUrl },
    aws: { url: aws.url },
    openid: { issuer: openid.issuer },
  };
  process.stdout.write(`emulators ready ${JSON.stringify(ready)}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void Promise.all([adfs.close(), aws.close(), openid.close()]).then(() => process.exit(0));
    });
  }
}

async function keptKeyPair(directory: string | undefined, name: string): Promise<KeyPair> {
  if (directory === undefined) return makeKeyPair(name);
  const file = join(directory, `${name.toLowerCase().replaceAll(' ', '-')}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as KeyPair;
  const pair = await makeKeyPair(name);
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, JSON.stringify(pair), { mode: 0o600 });
  return pair;
}
