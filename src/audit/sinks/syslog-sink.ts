// Audit records as syslog messages (RFC 5424) over TCP or TLS (RFC 5425), each with its length in front (RFC 6587 §3.4.1).
import type { Socket } from 'node:net';
import type { AuditSink } from './sinks.ts';

export interface SyslogOptions {
  /** Begins a connection; `connected` is emitted as `connect` or, with TLS, `secureConnect`. */
  readonly connect: () => Socket;
  readonly connectedEvent: 'connect' | 'secureConnect';
  readonly hostname: string;
  readonly processId: number;
}

/** Shorter than the deadline of a record. */
const timeoutMs = 2000;
/** RFC 5424 §6.2.1: facility 13, log audit; severity 6, informational. */
const priority = 13 * 8 + 6;

/** Syslog has no answers: a record counts as written once the system has taken its bytes for a connection that is up. */
export function createSyslogSink(options: SyslogOptions): { readonly write: AuditSink; close(): void } {
  let open: Promise<Socket> | undefined;
  const current = () => {
    open ??= connect(options, () => {
      open = undefined;
    });
    return open;
  };
  return {
    write: async (lines) => {
      const frames = lines
        .trimEnd()
        .split('\n')
        .map((line) => frame(line, options));
      const socket = await current();
      await send(socket, Buffer.concat(frames));
    },
    close: () => {
      void open?.then(
        (socket) => socket.end(),
        () => {},
      );
    },
  };
}

function connect({ connect: dial, connectedEvent }: SyslogOptions, onEnd: () => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = dial();
    const timer = setTimeout(() => socket.destroy(new Error('no connection in time')), timeoutMs);
    socket.once(connectedEvent, () => {
      clearTimeout(timer);
      resolve(socket.unref());
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      onEnd();
      reject(new Error('connection closed'));
    });
    // The receiver sends nothing; reading shows that it has gone.
    socket.on('end', () => socket.destroy());
    socket.resume();
  });
}

function send(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('the receiver does not read')), timeoutMs);
    const done = (error?: Error | null) => {
      clearTimeout(timer);
      socket.removeListener('close', onClose);
      error ? reject(error) : resolve();
    };
    const onClose = () => done(new Error('connection closed'));
    socket.once('close', onClose);
    socket.write(bytes, done);
  });
}

function frame(line: string, { hostname, processId }: SyslogOptions): Buffer {
  const [, time = '-', event = '-'] = /^\{"audit":\d+,"time":"([^"]+)","event":"(\w{1,32})"/.exec(line) ?? [];
  const message = Buffer.from(`<${priority}>1 ${time} ${hostname} rolegate ${processId} ${event} - ${line}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
