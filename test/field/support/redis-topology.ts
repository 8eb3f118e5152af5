// One Redis as companies run it: alone, behind a Sentinel, or a Cluster of two, in plain text or TLS.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisSettings } from '../../../src/store/redis-client.ts';
import { formCluster, runSentinel, startCluster } from '../../store/redis-sets.ts';
import type { KeyPair } from '../../support/key-pairs.ts';
import { freePort } from '../../support/ports.ts';
import { type RedisOptions, startRedis } from '../../support/redis.ts';
import { authority, type CertificateFiles, certificateFiles } from './redis-certificates.ts';

export type Topology = 'single' | 'sentinel' | 'cluster';

export interface Wanted {
  readonly topology: Topology;
  /** How the broker names the servers, and they each other. */
  readonly host?: string;
  /** Of every server: then it speaks TLS alone. */
  readonly tls?: KeyPair;
  /** Servers ask for a certificate. */
  readonly asksForCertificate?: boolean;
  readonly program?: RedisOptions['program'];
  readonly args?: readonly string[];
  /** Of a Cluster. */
  readonly nodes?: number;
  readonly password?: string;
  readonly sentinel?: { readonly lines?: readonly string[]; readonly plain?: boolean };
}

export interface Started {
  /** What the broker is told; without certificates. */
  readonly settings: Partial<RedisSettings>;
  readonly ports: readonly number[];
  readonly stop: () => Promise<void>;
}

export async function startTopology(wanted: Wanted): Promise<Started> {
  const files = wanted.tls && certificateFiles(wanted.tls);
  const ends: (() => unknown)[] = [() => files?.remove()];
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(wanted, files, ends)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(wanted: Wanted, files: CertificateFiles | undefined, ends: (() => unknown)[]) {
  const { topology, host = '127.0.0.1', password, nodes = 2 } = wanted;
  const options = serverOptions(wanted, files);
  const known = { password, ...(wanted.tls && { tls: true, ca: authority.cert }) };
  if (topology === 'cluster') {
    // What the certificate is worth is for the broker to say.
    const tls = wanted.tls && { ...wanted.tls, rejectUnauthorized: false };
    const cluster = await startCluster((servers) => formCluster(servers, tls), Array(nodes).fill(options));
    ends.push(cluster.stop);
    const ports = cluster.servers.map(({ port }) => port);
    return { settings: { ...known, cluster: ports.map((port) => ({ host, port })) }, ports };
  }
  const server = await startRedis(options);
  ends.push(server.stop);
  if (topology === 'single') {
    const scheme = wanted.tls ? 'rediss' : 'redis';
    return { settings: { ...known, tls: false, url: `${scheme}://${host}:${server.port}` }, ports: [server.port] };
  }
  const sentinel = await startSentinel(wanted, server.port, files);
  ends.push(sentinel.stop);
  const sentinels = { name: 'rolegate', hosts: [{ host, port: sentinel.port }] };
  return { settings: { ...known, sentinels }, ports: [server.port, sentinel.port] };
}

function serverOptions(wanted: Wanted, files: CertificateFiles | undefined): RedisOptions {
  const { tls, program, password, args = [], asksForCertificate } = wanted;
  const certificates = files
    ? ['--tls-cert-file', files.cert, '--tls-key-file', files.key, '--tls-ca-cert-file', files.ca].concat(
        ['--tls-auth-clients', asksForCertificate ? 'yes' : 'no'],
        ['--tls-replication', 'yes'],
      )
    : [];
  return {
    ...{ tls: tls !== undefined, args: [...certificates, ...args] },
    ...(program && { program }),
    ...(password !== undefined && { password }),
  };
}

async function startSentinel(wanted: Wanted, master: number, files: CertificateFiles | undefined) {
  const { host = '127.0.0.1', sentinel = {}, asksForCertificate, password } = wanted;
  const directory = await mkdtemp(join(tmpdir(), 'rolegate-sentinel-'));
  const port = await freePort();
  const listens = files && !sentinel.plain ? ['port 0', `tls-port ${port}`] : [`port ${port}`];
  const lines = [
    ...[...listens, 'bind 127.0.0.1', `dir ${directory}`],
    ...(files
      ? [`tls-cert-file ${files.cert}`, `tls-key-file ${files.key}`, `tls-ca-cert-file ${files.ca}`].concat([
          `tls-auth-clients ${asksForCertificate ? 'yes' : 'no'}`,
          'tls-replication yes',
        ])
      : []),
    ...['sentinel resolve-hostnames yes', 'sentinel announce-hostnames yes'],
    `sentinel monitor rolegate ${host} ${master} 1`,
    ...(password === undefined ? [] : [`sentinel auth-pass rolegate ${password}`]),
    ...(sentinel.lines ?? []),
  ];
  return runSentinel(port, directory, lines, wanted.program);
}
