// Audit records in CloudWatch Logs, with the SDK's client and the emulator.
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AwsEmulator, startAws } from '../../../emulators/aws/server.ts';
import { createLogStream } from '../../../src/aws/cloudwatch-logs.ts';

const keys = { accessKeyId: 'AKIAEXAMPLEBROKER', secretAccessKey: 'secret of the broker' };
const actions = ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:GetLogEvents'];
const Statement = [
  { Effect: 'Allow', Action: actions, Resource: 'arn:aws:logs:*:111122223333:log-group:/rolegate/audit:*' },
];
const place = { region: 'us-east-1', group: '/rolegate/audit', stream: 'broker/chain' };

let aws: AwsEmulator;
beforeAll(async () => {
  const users = [{ name: 'broker', ...keys, policies: [{ Version: '2012-10-17', Statement }] }];
  const account = { id: '111122223333', name: 'Logs', roles: [], users };
  aws = await startAws({ now: () => new Date(), estate: { accounts: [account] }, logGroups: [place.group] });
});
afterAll(() => aws.close());

const open = (more: Partial<typeof place> = {}) =>
  createLogStream({ ...place, ...more, endpoint: aws.url, signer: async () => keys });
const at = (message: string) => ({ timestamp: Date.now(), message });

async function stored(): Promise<(string | undefined)[]> {
  const client = new CloudWatchLogsClient({ region: place.region, endpoint: aws.url, credentials: keys });
  const { events } = await client.send(
    new GetLogEventsCommand({ logGroupName: place.group, logStreamName: place.stream, startFromHead: true }),
  );
  client.destroy();
  return events?.map(({ message }) => message) ?? [];
}

test('are put in order into a stream that the first one makes, in batches that AWS takes', async () => {
  const stream = open();
  await stream.put([at('one'), at('two')]);
  // Another start of the same process would find the stream there.
  await open().put([at('three')]);
  const many = Array.from({ length: 10_050 }, (_, each) => at(`many ${each}`));
  await stream.put(many);
  const messages = await stored();
  expect(messages.slice(0, 3)).toEqual(['one', 'two', 'three']);
  expect(messages.slice(3)).toEqual(many.map(({ message }) => message));
});

test('fail where the group is missing, the events are rejected or AWS is away', async () => {
  await expect(open({ group: '/rolegate/other' }).put([at('x')])).rejects.toThrow(/not authorized|does not exist/);
  await expect(open().put([{ timestamp: Date.now() - 20 * 86_400_000, message: 'old' }])).rejects.toThrow(
    /rejected events/,
  );
  const away = createLogStream({ ...place, endpoint: 'http://127.0.0.1:1', signer: async () => keys });
  await expect(away.put([at('x')])).rejects.toThrow(/ECONNREFUSED/);
});
