// Free TCP ports on loopback, for programs that cannot bind port 0 and say what they got (Redis, the demo).
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below the range from which systems draw ports for outgoing connections, so that none of those takes the port between
// our look and the program's bind; above what services usually use. Redis Cluster's bus (port + 10000) fits as well.
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const ATTEMPTS = 50;

/** A TCP port on 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return freeConsecutivePorts(1);
}

/** The first of `count` neighbouring ports on 127.0.0.1 that all were free a moment ago. */
export async function freeConsecutivePorts(count: number): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const first = randomInt(FIRST_PORT, LAST_PORT - count);
    const ports = Array.from({ length: count }, (_, offset) => first + offset);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} neighbouring free ports between ${FIRST_PORT} and ${LAST_PORT}`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
