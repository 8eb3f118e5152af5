// Writes to one CloudWatch Logs stream. The first call loads the SDK's client: few deployments need it.
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { clientOptions } from './client-options.ts';
import type { Signer } from './sts.ts';

export interface LogStreamOptions {
  readonly region: string;
  /** Undefined: AWS's own. */
  readonly endpoint: string | undefined;
  /** Must exist. */
  readonly group: string;
  /** Is created. */
  readonly stream: string;
  readonly signer: Signer;
}

interface LogEvent {
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

export interface LogStream {
  /** @throws Error if AWS did not take every event */
  put(events: readonly LogEvent[]): Promise<void>;
}

/** PutLogEvents: a call has up to 10,000 events and 1,048,576 bytes, 26 of them for each event. */
const [maxEvents, maxBytes, eventOverhead] = [10_000, 1_048_576, 26];

export function createLogStream(options: LogStreamOptions): LogStream {
  const { region, endpoint, signer } = options;
  let client: CloudWatchLogsClient | undefined;
  let isThere = false;
  return {
    put: async (events) => {
      const { CloudWatchLogsClient } = await import('@aws-sdk/client-cloudwatch-logs');
      client ??= new CloudWatchLogsClient(clientOptions({ region, endpoint, fips: false }, signer));
      for (const batch of batchesOf(events)) {
        if (!isThere) await createStream(client, options);
        isThere = true;
        await putBatch(client, options, batch);
      }
    },
  };
}

async function createStream(client: CloudWatchLogsClient, { group, stream }: LogStreamOptions): Promise<void> {
  const { CreateLogStreamCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  try {
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }));
  } catch (error) {
    if ((error as Error).name !== 'ResourceAlreadyExistsException') throw error;
  }
}

async function putBatch(
  client: CloudWatchLogsClient,
  { group, stream }: LogStreamOptions,
  events: LogEvent[],
): Promise<void> {
  const { PutLogEventsCommand } = await import('@aws-sdk/client-cloudwatch-logs');
  const command = new PutLogEventsCommand({ logGroupName: group, logStreamName: stream, logEvents: events });
  const { rejectedLogEventsInfo } = await client.send(command);
  if (rejectedLogEventsInfo)
    throw new Error(`CloudWatch Logs rejected events: ${JSON.stringify(rejectedLogEventsInfo)}`);
}

function batchesOf(events: readonly LogEvent[]): LogEvent[][] {
  const batches: LogEvent[][] = [];
  let [batch, bytes]: [LogEvent[], number] = [[], 0];
  for (const event of events) {
    const size = Buffer.byteLength(event.message) + eventOverhead;
    if (batch.length >= maxEvents || bytes + size > maxBytes) [batch, bytes] = [[], 0];
    if (batch.length === 0) batches.push(batch);
    batch.push(event);
    bytes += size;
  }
  return batches;
}
