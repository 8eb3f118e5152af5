// Wires the sinks of the audit trail.
import { connect as connectTcp } from 'node:net';
import { hostname } from 'node:os';
import type { Writable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createBufferedSink } from '../audit/sinks/buffered-sink.ts';
import { createHttpSink } from '../audit/sinks/http-sink.ts';
import { createSinkSet } from '../audit/sinks/sink-set.ts';
import { type AuditSink, fileSink, streamSink } from '../audit/sinks/sinks.ts';
import { createSyslogSink } from '../audit/sinks/syslog-sink.ts';
import { createLogStream } from '../aws/cloudwatch-logs.ts';
import { createOwnIdentity } from '../aws/own-identity.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { AuditSinkSettings } from '../config/trail/resolve-trail.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';

export interface AuditSinks {
  readonly write: AuditSink;
  /** Records that buffered sinks dropped since the last call. */
  takeDropped(): readonly { readonly sink: string; readonly dropped: number }[];
  close(): Promise<void>;
}

export interface SinkWorld {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly auditStream: Writable;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

interface OpenSink {
  readonly write: AuditSink;
  readonly isUncertain: boolean;
  close?(): void;
}

/** @param onDrop counts what a buffered sink had no room for */
export function createAuditSinks(
  { audit, aws }: Config,
  world: SinkWorld & { readonly chain: string },
  onDrop: (sink: string, records: number) => void,
): AuditSinks {
  const jitter = () => world.random(4).readUInt32BE() / 2 ** 32;
  const sinks = audit.sinks.map((settings, index) => {
    // Two of one type have different names.
    const name =
      audit.sinks.findIndex(({ type }) => type === settings.type) === index
        ? settings.type
        : `${settings.type}-${index}`;
    return { name, settings, ...openSink(settings, { ...world, jitter, region: aws.region }) };
  });
  const buffered = sinks.flatMap(({ name, settings, write }) =>
    settings.mode === 'required'
      ? []
      : createBufferedSink({
          ...{ name, write, jitter, maxRecords: settings.buffer },
          onDrop: (records) => onDrop(name, records),
          onFailure: (error) => world.log.warn({ sink: name, detail: error.message }, 'audit records are buffered'),
        }),
  );
  const required = sinks.filter(({ settings }) => settings.mode === 'required');
  return {
    write: createSinkSet(required, buffered),
    takeDropped: () =>
      buffered.map((sink) => ({ sink: sink.name, dropped: sink.takeDropped() })).filter(({ dropped }) => dropped > 0),
    close: async () => {
      await Promise.all(buffered.map((sink) => sink.close()));
      for (const sink of sinks) sink.close?.();
    },
  };
}

interface OpenWorld extends SinkWorld {
  readonly chain: string;
  readonly region: string;
  readonly jitter: () => number;
}

function openSink(settings: AuditSinkSettings, world: OpenWorld): OpenSink {
  switch (settings.type) {
    case 'stdout':
      return { write: streamSink(world.auditStream), isUncertain: false };
    case 'file':
      return { write: fileSink(settings.path), isUncertain: false };
    case 'http': {
      const { url, authorization } = settings;
      const fetch = world.fetch ?? globalThis.fetch;
      return { write: createHttpSink({ url, authorization, fetch, jitter: world.jitter }), isUncertain: true };
    }
    case 'syslog':
      return { ...openSyslog(settings), isUncertain: true };
    case 'cloudwatch':
      return { write: openLogStream(settings, world), isUncertain: true };
  }
}

function openSyslog({ host, port, tls, ca, client }: Extract<AuditSinkSettings, { type: 'syslog' }>) {
  return createSyslogSink({
    connect: () =>
      tls
        ? connectTls({ host, port, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }), ...client })
        : connectTcp({ host, port }),
    connectedEvent: tls ? 'secureConnect' : 'connect',
    hostname: hostname(),
    processId: process.pid,
  });
}

/** Each chain has its own stream: events of one stream keep their order. */
function openLogStream(
  { group, region, endpoint }: Extract<AuditSinkSettings, { type: 'cloudwatch' }>,
  { chain, clock, region: defaultRegion }: OpenWorld,
): AuditSink {
  const place = { region: region ?? defaultRegion, endpoint, group, stream: `${hostname()}/${chain}` };
  const stream = createLogStream({ ...place, signer: createOwnIdentity() });
  // AWS takes a batch in chronological order only, and a clock can go back.
  let last = 0;
  return async (lines) => {
    last = Math.max(last, clock.now().getTime());
    await stream.put(
      lines
        .trimEnd()
        .split('\n')
        .map((message) => ({ timestamp: last, message })),
    );
  };
}
