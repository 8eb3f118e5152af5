// What the ratios depend on: processor, versions, and what one RSA signature costs here.
import { generateKeyPairSync, sign } from 'node:crypto';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { median } from './rounds.ts';

export function describeMachine(rounds: number): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const times = Array.from({ length: 200 }, () => {
    const before = process.cpuUsage();
    sign('sha256', Buffer.alloc(32), privateKey);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return [
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores`,
    `Node ${process.version}, OpenSSL ${process.versions.openssl}`,
    `raw RSA-2048 signature ${Math.round(median(times))} µs`,
    `load at start ${loadavg()[0]!.toFixed(1)}`,
    `${rounds} rounds`,
  ].join('; ');
}
