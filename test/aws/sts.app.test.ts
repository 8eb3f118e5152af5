import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { AwsEmulator, FaultSettings } from '../../emulators/aws/server.ts';
import { createSts } from '../../src/aws/sts.ts';
import { type KeyPair, keyPair } from '../support/key-pairs.ts';
import { freePort } from '../support/ports.ts';
import { startTrustingAws, stsCall } from './support/estate.ts';
import { account, now, roleArn } from './support/minting.ts';
import { type RecordingServer, startRecordingServer } from './support/recording-server.ts';
import { stsOptions } from './support/sts-options.ts';

let pair: KeyPair;
let other: KeyPair;
let aws: AwsEmulator;
const running: RecordingServer[] = [];
beforeAll(async () => {
  [pair, other] = [keyPair('minting'), keyPair('stranger')];
  aws = await startTrustingAws(pair);
});
afterEach(async () => {
  aws.faults.clear();
  vi.unstubAllEnvs();
  for (const server of running.splice(0)) await server.close();
});
afterAll(() => aws.close());

const stsAt = (url: string) => createSts(stsOptions(() => url));

async function record(answer: Parameters<typeof startRecordingServer>[0]): Promise<RecordingServer> {
  const server = await startRecordingServer(answer);
  running.push(server);
  return server;
}

describe('createSts', () => {
  test('redeems a minted assertion: the provider was made of the metadata that we publish', async () => {
    const { credentials, assumedRoleArn } = await stsAt(aws.url).assumeRoleWithSaml(await stsCall(pair));
    expect(assumedRoleArn).toBe(`arn:aws:sts::${account}:assumed-role/Developer/alice@example.com`);
    expect(credentials.accessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect(credentials.secretAccessKey).not.toBe('');
    expect(credentials.sessionToken).not.toBe('');
    expect(credentials.expiration).toEqual(new Date(now.getTime() + 3_600_000));
    const event = aws.events.at(-1)!;
    expect(event).toMatchObject({ eventName: 'AssumeRoleWithSAML', recipientAccountId: account });
    expect(event.userAgent).toContain('rolegate/test');
    expect(event.responseElements).toMatchObject({ subject: 'c2Vzc2lvbi1zdWJqZWN0', subjectType: 'persistent' });
  });

  test('sends duration and session policy, and no policy where there is none', async () => {
    const server = await record(aws.url);
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    });
    await stsAt(server.url).assumeRoleWithSaml({ ...(await stsCall(pair)), durationSeconds: 900, policy });
    await stsAt(server.url).assumeRoleWithSaml(await stsCall(pair));
    const [first, second] = server.requests.map((request) => new URLSearchParams(request.body));
    expect([first?.get('DurationSeconds'), first?.get('Policy')]).toEqual(['900', policy]);
    expect([second?.get('DurationSeconds'), second?.has('Policy')]).toEqual(['3600', false]);
  });

  test('asks the endpoint of the region, and keeps one client for it', async () => {
    const asked: string[] = [];
    const endpointOf = (region: string) => {
      asked.push(region);
      return aws.url;
    };
    const sts = createSts(stsOptions(endpointOf));
    for (const region of ['eu-west-1', 'us-east-1', 'eu-west-1'])
      await sts.assumeRoleWithSaml({ ...(await stsCall(pair)), region });
    expect(asked).toEqual(['eu-west-1', 'us-east-1']);
  });
});

describe('no AWS credential of this machine', () => {
  const poison = {
    ...{ AWS_ACCESS_KEY_ID: 'AKIAPOISONPOISON0000', AWS_SECRET_ACCESS_KEY: 'poison', AWS_SESSION_TOKEN: 'poison' },
    ...{ AWS_PROFILE: 'missing', AWS_REGION: 'mars-north-1', AWS_DEFAULT_REGION: 'mars-north-1', HOME: '' },
    ...{ AWS_ROLE_ARN: 'arn:aws:iam::1:role/x', AWS_WEB_IDENTITY_TOKEN_FILE: '/nonexistent' },
    ...{ AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:9/', AWS_SDK_LOAD_CONFIG: '1' },
    ...{ AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true', AWS_STS_REGIONAL_ENDPOINTS: 'legacy' },
  };

  test('is sent, or looked for: the call is unsigned', async () => {
    const server = await record(aws.url);
    for (const [name, value] of Object.entries(poison)) vi.stubEnv(name, value);
    await stsAt(server.url).assumeRoleWithSaml(await stsCall(pair));
    const [request] = server.requests;
    expect(server.requests).toHaveLength(1);
    expect(request).toMatchObject({ method: 'POST', path: '/' });
    expect(request?.headers).not.toHaveProperty('authorization');
    expect(Object.keys(request?.headers ?? {}).filter((name) => /security-token|x-amz-date/.test(name))).toEqual([]);
    expect(JSON.stringify(request)).not.toMatch(/poison/i);
  });

  test('nor endpoint: neither environment nor configuration file redirects an assertion', async () => {
    const [server, thief] = [await record(aws.url), await record(() => ({ status: 500 }))];
    const directory = await mkdtemp(join(tmpdir(), 'rolegate-sts-'));
    try {
      const config = join(directory, 'config');
      await writeFile(
        config,
        `[default]\nendpoint_url = ${thief.url}\nregion = mars-north-1\nuse_fips_endpoint = true\n`,
      );
      const redirect = { AWS_ENDPOINT_URL: thief.url, AWS_ENDPOINT_URL_STS: thief.url, AWS_CONFIG_FILE: config };
      for (const [name, value] of Object.entries(redirect)) vi.stubEnv(name, value);
      await stsAt(server.url).assumeRoleWithSaml(await stsCall(pair));
    } finally {
      await rm(directory, { recursive: true });
    }
    expect(server.requests).toHaveLength(1);
    expect(thief.requests).toEqual([]);
  });
});

describe('what STS refuses', () => {
  const rows = [
    { name: 'another key', call: () => stsCall(other), code: 'sts_identity_rejected' },
    {
      name: 'another issuer',
      call: () => stsCall(pair, { issuer: 'https://other.example.com/' }),
      code: 'sts_identity_rejected',
    },
    {
      name: 'an old assertion',
      call: () => stsCall(pair, { issuedAt: new Date(now.getTime() - 301_000) }),
      code: 'sts_assertion_expired',
    },
    {
      name: 'a role that does not exist',
      call: () => stsCall(pair, { roleArn: `${roleArn}s` }),
      code: 'sts_access_denied',
    },
    {
      name: 'another recipient',
      call: () => stsCall(pair, { recipient: 'https://other.example.com/' }),
      code: 'sts_access_denied',
    },
    {
      name: 'a duration above the maximum of the role',
      call: async () => ({ ...(await stsCall(pair)), durationSeconds: 7200 }),
      code: 'sts_duration',
    },
    {
      name: 'a session policy that is none',
      call: async () => ({ ...(await stsCall(pair)), policy: 'no' }),
      code: 'sts_session_policy',
    },
    {
      name: 'a provider that does not exist',
      call: async () => ({ ...(await stsCall(pair)), principalArn: `arn:aws:iam::${account}:saml-provider/other` }),
      code: 'sts_identity_rejected',
    },
    {
      name: 'an ARN that is not a role',
      call: async () => ({ ...(await stsCall(pair)), roleArn: `arn:aws:iam::${account}:user/alice` }),
      code: 'sts_refused',
    },
  ] as const;
  for (const { name, call, code } of rows) {
    test(`${name} is ${code}, asked once`, async () => {
      const server = await record(aws.url);
      const request = await call();
      const error = await stsAt(server.url)
        .assumeRoleWithSaml(request)
        .catch((cause) => cause);
      expect(error).toMatchObject({ name: 'BrokerError', code, details: { awsRequestId: expect.any(String) } });
      expect(server.requests).toHaveLength(1);
      expect(`${error.message}${JSON.stringify(error.details)}`).not.toContain(request.samlAssertion.slice(0, 40));
    });
  }

  test('an answer without credentials is sts_refused', async () => {
    const body =
      '<AssumeRoleWithSAMLResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithSAMLResult/></AssumeRoleWithSAMLResponse>';
    const server = await record(() => ({ body, headers: { 'content-type': 'text/xml' } }));
    await expect(stsAt(server.url).assumeRoleWithSaml(await stsCall(pair))).rejects.toMatchObject({
      code: 'sts_refused',
    });
  });
});

describe('an STS in trouble', () => {
  const rows: readonly (readonly [string, FaultSettings, string])[] = [
    ['cuts every connection', { reset: true }, 'sts_unavailable'],
    ['answers 503', { status: 503 }, 'sts_unavailable'],
    ['answers 500', { status: 500 }, 'sts_unavailable'],
    ['throttles', { throttleEvery: 1 }, 'sts_throttled'],
  ];
  for (const [name, faults, code] of rows) {
    test(`that ${name} is ${code}, after one more try`, async () => {
      const server = await record(aws.url);
      aws.faults.set({ ...faults, scope: 'sts' });
      await expect(stsAt(server.url).assumeRoleWithSaml(await stsCall(pair))).rejects.toMatchObject({ code });
      expect(server.requests).toHaveLength(2);
    });

    test(`that ${name} once is tolerated`, async () => {
      aws.faults.set({ ...faults, times: 1 });
      await expect(stsAt(aws.url).assumeRoleWithSaml(await stsCall(pair))).resolves.toHaveProperty('credentials');
    });
  }

  test('that is slow is waited for', async () => {
    aws.faults.set({ latencyMs: 300 });
    await expect(stsAt(aws.url).assumeRoleWithSaml(await stsCall(pair))).resolves.toHaveProperty('credentials');
  });

  test('that does not listen is sts_unavailable', async () => {
    const sts = stsAt(`http://127.0.0.1:${await freePort()}`);
    await expect(sts.assumeRoleWithSaml(await stsCall(pair))).rejects.toMatchObject({ code: 'sts_unavailable' });
  });

  test('that answers with something else is not taken for STS', async () => {
    for (const answer of [
      { status: 200, body: '<html>captive portal' },
      { status: 302, headers: { location: '/' } },
    ]) {
      const server = await record(() => answer);
      const failed = stsAt(server.url).assumeRoleWithSaml(await stsCall(pair));
      await expect(failed).rejects.toMatchObject({ code: expect.stringMatching(/^sts_/) });
    }
  });
});
