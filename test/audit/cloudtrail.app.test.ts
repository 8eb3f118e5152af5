// The queries of docs/audit.md from CloudTrail to the audit record, as they are there, over events of the emulator.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAudit } from '../../src/admin/commands/audit.ts';
import { type Credentials, credentials as credentialsShape } from '../../src/wire/api.ts';
import { runCommand } from '../admin/support.ts';
import { startTestDemo, type TestDemo } from '../app/support/demo.ts';
import { signIn } from '../app/support/sign-in.ts';
import { createHttpBrowser, type HttpBrowser } from '../support/http-browser/http-browser.ts';

interface CloudTrailEvent {
  readonly eventName: string;
  readonly eventTime: string;
  readonly requestParameters: Readonly<Record<string, string>> | null;
}

const page = readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8');
const commands = [...page.slice(page.indexOf('## From CloudTrail')).matchAll(/```sh\n([\s\S]+?)```/g)].map(
  ([, command]) => command!,
);
const [tableStatement, ...queries] = [...page.matchAll(/```sql\n([\s\S]+?)```/g)].map(([, query]) => query!);
const roleArn = 'arn:aws:iam::111122223333:role/ReadOnly';

let directory: string;
let demo: TestDemo;
let browser: HttpBrowser;
let issued: Credentials;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'rolegate-cloudtrail-'));
  demo = await startTestDemo();
  browser = createHttpBrowser();
  await signIn(browser, demo.brokerUrl, 'bob');
  const answer = await browser.json('POST', `${demo.brokerUrl}/api/v1/credentials`, { roleArn });
  issued = credentialsShape.parse(answer.json());
  const credentials = {
    ...{ accessKeyId: issued.AccessKeyId, secretAccessKey: issued.SecretAccessKey, sessionToken: issued.SessionToken },
  };
  const sts = new STSClient({ region: 'us-east-1', endpoint: demo.awsUrl, credentials });
  await sts.send(new GetCallerIdentityCommand());
  sts.destroy();
  const { events } = (await (await fetch(`${demo.awsUrl}/_emu/events`)).json()) as { events: CloudTrailEvent[] };
  const real = events.find(({ eventName }) => eventName === 'AssumeRoleWithSAML')!;
  const forged = { ...real, requestParameters: { ...real.requestParameters, sAMLAssertionID: '_forged' } };
  writeFileSync(join(directory, 'cloudtrail.json'), JSON.stringify({ Records: [...events, forged] }));
  writeFileSync(join(directory, 'audit.jsonl'), demo.audit.map((line) => `${JSON.stringify(line)}\n`).join(''));
});
afterAll(async () => {
  browser?.close();
  await demo?.close();
  rmSync(directory, { recursive: true, force: true });
});

const record = (event: string) => demo.audit.find((line) => line['event'] === event)!;
const run = (command: string) => execFileSync('sh', ['-c', command], { cwd: directory, encoding: 'utf8' });

test('the search finds the record of an access key id', async () => {
  const [, ...args] = commands[0]!.trim().replace('ASIAEXAMPLE', issued.AccessKeyId).split(' ');
  const paths = args.map((each) => (each === 'audit.jsonl' ? join(directory, each) : each));
  const { stdout } = await runCommand(addAudit, paths, () => Promise.reject(new Error('needs no configuration')));
  const found = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(found).toMatchObject([{ event: 'credentials_issued', user: record('sign_in')['user'], roleArn }]);
  expect(found[0].signInAssertionId).toBe(record('sign_in')['assertionId']);
});

test('jq names the user and the request behind each call', () => {
  const { user, requestId } = record('credentials_issued');
  expect(run(commands[1]!)).toMatch(new RegExp(`^\\S+Z\\tGetCallerIdentity\\t${user}\\t${requestId}\\n$`));
});

test('jq shows the session that no audit record asked for, and no other', () => {
  expect(run(commands[2]!)).toMatch(new RegExp(`^\\S+Z\\t${roleArn}\\t_forged\\t\\S+\\n$`));
});

describe('the queries for Athena, in DuckDB', () => {
  const lowerCase = (from: object) =>
    Object.fromEntries(Object.entries(from).map(([name, value]) => [name.toLowerCase(), value]));
  let rows: (query: string) => Promise<readonly unknown[][]>;
  let close: () => void;
  beforeAll(async () => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    close = () => {
      connection.closeSync();
      instance.closeSync();
    };
    const columns = [...tableStatement!.matchAll(/`(\w+)` string/g)].map(([, column]) => column!);
    // The SerDe finds members without regard to case, as it finds the columns of the statement.
    const lowered = demo.audit.map(lowerCase);
    writeFileSync(join(directory, 'lowered.jsonl'), lowered.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const types = (names: readonly string[]) => `{ ${names.map((name) => `'${name}': 'VARCHAR'`).join(', ')} }`;
    const trail = ['eventtime', 'eventname', 'sourceipaddress', 'errorcode', 'requestparameters'];
    const { Records } = JSON.parse(readFileSync(join(directory, 'cloudtrail.json'), 'utf8')) as {
      Records: (CloudTrailEvent & { userIdentity: { accessKeyId?: string } })[];
    };
    const events = Records.map(({ userIdentity, requestParameters, ...rest }) => ({
      ...lowerCase(rest),
      useridentity: { accesskeyid: userIdentity.accessKeyId },
      requestparameters: requestParameters && JSON.stringify(requestParameters),
    }));
    writeFileSync(join(directory, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    const identity = "'useridentity': 'STRUCT(accesskeyid VARCHAR)'";
    for (const statement of [
      `CREATE TABLE rolegate_audit AS FROM read_json('${join(directory, 'lowered.jsonl')}', columns = ${types(columns)})`,
      `CREATE TABLE cloudtrail_logs AS FROM read_json('${join(directory, 'events.jsonl')}', columns = ${types(trail).replace(' }', `, ${identity} }`)})`,
      'CREATE MACRO json_extract_scalar(document, path) AS json_extract_string(document, path)',
    ])
      await connection.run(statement);
    rows = async (query) => (await connection.runAndReadAll(query)).getRows();
  });
  afterAll(() => close?.());

  test('name the user and the request behind each call', async () => {
    const { user, requestId } = record('credentials_issued');
    expect(await rows(queries[0]!)).toEqual([[expect.any(String), 'GetCallerIdentity', user, roleArn, requestId]]);
  });

  test('lead from a call to the sign-in', async () => {
    const { user, time, sourceIp, requestId } = record('sign_in');
    expect(await rows(queries[1]!)).toEqual([['GetCallerIdentity', user, time, sourceIp, requestId]]);
  });

  test('show the session that no audit record asked for, and no other', async () => {
    expect(await rows(queries[2]!)).toEqual([[expect.any(String), expect.any(String), '_forged']]);
  });
});
