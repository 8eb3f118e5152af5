// What production refuses about audit sinks: records on their way in plain text.
import { isIP } from 'node:net';
import type { Config } from '../config.ts';

export function relaxedAuditSinks({ sinks }: Config['audit']): string[] {
  return sinks.flatMap((sink, index) => {
    const path = `audit.sinks[${index}]`;
    if (sink.type === 'syslog' && !sink.tls && !isLoopback(sink.host)) return [`${path}.tls: must be true`];
    if (sink.type === 'http' && isPlain(sink.url)) return [`${path}.url: must be https`];
    if (sink.type === 'cloudwatch' && isPlain(sink.endpoint)) return [`${path}.endpoint: must be https`];
    return [];
  });
}

function isPlain(url: string | undefined): boolean {
  return url?.startsWith('http:') === true && !isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
