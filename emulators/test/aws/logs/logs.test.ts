// CloudWatch Logs with the SDK that applications use.
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../aws/server.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const keys = (name: string) => ({ accessKeyId: `AKIAEXAMPLE${name}`, secretAccessKey: `secret of ${name}` });
const user = (name: string, actions: string[]) => ({
  ...{ name, ...keys(name) },
  policies: [
    {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: actions, Resource: 'arn:aws:logs:*:111122223333:log-group:/audit:*' }],
    },
  ],
});

let aws: AwsEmulator;
beforeAll(async () => {
  const users = [user('WRITER', ['logs:*']), user('READER', ['logs:GetLogEvents'])];
  aws = await startAws({
    now: () => now,
    estate: { accounts: [{ id: '111122223333', name: 'Logs', roles: [], users }] },
    logGroups: ['/audit'],
  });
});
afterAll(() => aws.close());

const client = (name: string, secretAccessKey = keys(name).secretAccessKey) =>
  new CloudWatchLogsClient({
    ...{ region: 'us-east-1', endpoint: aws.url, maxAttempts: 1, systemClockOffset: now.getTime() - Date.now() },
    credentials: { accessKeyId: keys(name).accessKeyId, secretAccessKey },
  });
const stream = { logGroupName: '/audit', logStreamName: 'broker/1' };
const put = (events: readonly [secondsAgo: number, message: string][], name = 'WRITER', to = stream) =>
  client(name).send(
    new PutLogEventsCommand({
      ...to,
      logEvents: events.map(([ago, message]) => ({ timestamp: now.getTime() - ago * 1000, message })),
    }),
  );

describe('a log stream', () => {
  test('keeps what is put into it, for who may read it', async () => {
    await client('WRITER').send(new CreateLogStreamCommand(stream));
    await put([
      [2, 'one'],
      [1, 'two'],
    ]);
    const { events } = await client('READER').send(new GetLogEventsCommand(stream));
    expect(events?.map(({ message }) => message)).toEqual(['one', 'two']);
    expect(aws.events.map(({ eventName }) => eventName)).toEqual(['CreateLogStream']);
  });

  test('is created once, in a group that is there', async () => {
    const create = (logGroupName: string) =>
      client('WRITER').send(new CreateLogStreamCommand({ ...stream, logGroupName }));
    await expect(create('/audit')).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    await expect(create('/other')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const missing = put([[1, 'x']], 'WRITER', { ...stream, logStreamName: 'none' });
    await expect(missing).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const group = client('WRITER').send(new CreateLogGroupCommand({ logGroupName: '/audit' }));
    await expect(group).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
  });

  test('takes no batch out of order, too long or too wide', async () => {
    const refused = { name: 'InvalidParameterException' };
    const wrongOrder: [number, string][] = [
      [1, 'two'],
      [2, 'one'],
    ];
    await expect(put(wrongOrder)).rejects.toMatchObject(refused);
    await expect(put([])).rejects.toMatchObject(refused);
    await expect(
      put([
        [90_000, 'yesterday'],
        [1, 'today'],
      ]),
    ).rejects.toMatchObject(refused);
  });

  test('leaves out what is too old or too new, and says so', async () => {
    expect((await put([[15 * 86_400, 'old']])).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(
      (
        await put([
          [1, 'now'],
          [-3 * 3600, 'new'],
        ])
      ).rejectedLogEventsInfo,
    ).toEqual({ tooNewLogEventStartIndex: 1 });
  });

  test('is closed to others', async () => {
    await expect(put([[1, 'x']], 'READER')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const forged = client('WRITER', 'not the secret').send(new GetLogEventsCommand(stream));
    await expect(forged).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });
});
