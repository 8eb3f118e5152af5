import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Config } from '../../../src/config/config.ts';
import { describeChange } from '../../../src/config/live/diff.ts';
import { loadLive } from '../../../src/config/live/load-live.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { change, createWorkplace, env, goodProduction, now, type Raw, type Workplace } from '../support/workplace.ts';

let workplace: Workplace;
let running: Config;
const file = () => workplace.path('rolegate.yaml');
beforeAll(async () => {
  workplace = await createWorkplace();
});
beforeEach(async () => {
  workplace.write('client.secret', 'the secret of the client');
  workplace.writePair('aws', keyPair('minting'));
  workplace.write('rolegate.yaml', stringify(start()));
  running = await loadConfig(file(), env, now);
});
afterAll(() => workplace.remove());

function start(): Raw {
  const providers = goodProduction()['identityProviders'] as object[];
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's own placeholder
  const openid = { issuer: 'https://login.example', clientId: 'rolegate', clientSecret: '${file:client.secret}' };
  const oidc = { id: 'entra', label: 'Entra', openid, attributes: { user: 'upn' } };
  return { ...goodProduction(), identityProviders: [...providers, oidc] };
}

async function reload(raw: Raw) {
  writeFileSync(file(), stringify(raw));
  const { config, changes, needRestart } = await loadLive(running, file(), { env, now });
  return { config, changes: changes.map(describeChange), needRestart };
}

test('rules, accounts, texts, limits and the log level take effect, and are listed by name', async () => {
  let raw = change(start(), 'rules[0].grant.maxDuration', '4h');
  raw = change(raw, 'accounts[2]', { id: '222233334444', alias: 'data-dev' });
  raw = change(raw, 'portal', { name: 'AWS' });
  raw = change(change(raw, 'limits', { signIn: { burst: 7 } }), 'log', { level: 'debug' });
  const { config, changes, needRestart } = await reload(raw);
  expect(changes).toEqual([
    'accounts["222233334444"]: not there → {"id":"222233334444","alias":"data-dev"}',
    'rules["engineers"].grant.maxDuration: not there → "4h"',
    'portal: not there → {"name":"AWS"}',
    'limits: not there → {"signIn":{"burst":7}}',
    'log: not there → {"level":"debug"}',
  ]);
  expect(needRestart).toEqual([]);
  expect(config.policy.rules[0]!.grant.maxDurationSeconds).toBe(14_400);
  expect([config.portal.name, config.limits.signIn.burst, config.logLevel]).toEqual(['AWS', 7, 'debug']);
});

describe('settings of listeners, stores and keys', () => {
  test('stay as they are until a restart, and are named, also with the next reload', async () => {
    const raw = change(change(start(), 'listen.port', 9999), 'rules[0].grant.role', 'Reader');
    const first = await reload(raw);
    expect(first.needRestart).toEqual(['listen.port']);
    expect(first.changes).toEqual(['rules["engineers"].grant.role: "Developer" → "Reader"']);
    expect([first.config.listen.port, first.config.policy.rules[0]!.grant.role]).toEqual([8080, 'Reader']);
    running = first.config;
    expect(await reload(raw)).toMatchObject({ changes: [], needRestart: ['listen.port'] });
  });

  test('a key file with another key', async () => {
    workplace.writePair('aws', keyPair('sp-signing-next'));
    const { config, needRestart } = await reload(start());
    expect(needRestart).toEqual(['aws.signing']);
    expect(config.aws.signing.certificate).toBe(running.aws.signing.certificate);
  });

  test('rules that count on them are refused', async () => {
    const raw = change(start(), 'aws.webIdentity', { signing: { key: 'sp.key' } });
    const error = await reload(change(raw, 'rules[0].grant.mode', 'web-identity')).catch((reason: Error) => reason);
    expect(String(error)).toMatch(/that need a restart as they are: aws\.webIdentity\): 1 problem\n.*web-identity/);
  });
});

test('a secret is compared and never shown', async () => {
  workplace.write('client.secret', 'another secret of the client');
  const { changes, config } = await reload(start());
  expect(changes).toEqual(['identityProviders["entra"].openid.clientSecret: secret changed']);
  expect(config.oidcProviders[0]!.clientSecret).toBe('another secret of the client');
});

test('a new entry does not show its secrets, and another order is a change', async () => {
  const [adfs, entra] = start()['identityProviders'] as object[];
  expect((await reload({ ...start(), identityProviders: [entra, adfs] })).changes).toEqual([
    'identityProviders: "in another order" → "reordered"'.replaceAll('"', ''),
  ]);
  workplace.write('rolegate.yaml', stringify({ ...start(), identityProviders: [adfs] }));
  running = await loadConfig(file(), env, now);
  const { changes } = await reload(start());
  expect(changes).toHaveLength(1);
  expect(changes[0]).toContain('"clientSecret":"(secret)"');
});

test('what is not good changes nothing and says everything', async () => {
  const raw = change(change(start(), 'surprise', 1), 'rules[0].grant.accounts', ['absent']);
  await expect(reload(raw)).rejects.toMatchObject({
    problems: ['surprise: unknown key', 'rules[0].grant.accounts[0]: no account has the id or alias absent'],
  });
});
