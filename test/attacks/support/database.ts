// An attacker who can read and write the database: copies, moves and forges records without any secret of the server.
import { createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { Redis } from 'ioredis';

type Snapshot = ReadonlyMap<string, Buffer>;

export interface Database {
  /** Names without the prefix of the broker's keys. */
  keys(type: string): Promise<string[]>;
  read(key: string): Promise<Buffer>;
  plant(key: string, value: Buffer | string): Promise<void>;
  remove(...keys: readonly string[]): Promise<void>;
  /** Every plain record, for restoring it later. */
  snapshot(): Promise<Snapshot>;
  restore(snapshot: Snapshot): Promise<void>;
  members(key: string): Promise<string[]>;
  addMember(key: string, member: string): Promise<void>;
  rename(key: string, to: string): Promise<void>;
  close(): void;
}

const dayMs = 86_400_000;

export function openDatabase(url: string, prefix: string): Database {
  const redis = new Redis(url);
  const keys = async (type: string) =>
    (await redis.keys(`${prefix}${type}:*`)).map((key) => key.slice(prefix.length)).sort();
  const plant = async (key: string, value: Buffer | string) => {
    await redis.set(prefix + key, value, 'PX', dayMs);
  };
  return {
    keys,
    read: async (key) => (await redis.getBuffer(prefix + key)) ?? Buffer.alloc(0),
    plant,
    remove: async (...names) => void (await redis.del(...names.map((name) => prefix + name))),
    snapshot: async () => {
      const found = new Map<string, Buffer>();
      for (const key of await keys('*')) {
        if ((await redis.type(prefix + key)) !== 'string') continue;
        found.set(key, (await redis.getBuffer(prefix + key)) ?? Buffer.alloc(0));
      }
      return found;
    },
    restore: async (snapshot) => {
      for (const [key, value] of snapshot) await plant(key, value);
    },
    members: (key) => redis.zrange(prefix + key, '0', '-1'),
    addMember: async (key, member) =>
      void (await redis.zadd(prefix + key, 'NX', String(Date.parse('2100-01-01')), member)),
    rename: async (key, to) => void (await redis.rename(prefix + key, prefix + to)),
    close: () => redis.disconnect(),
  };
}

/** Under which a record of a bearer is stored: who has the secret can compute it. */
export function recordKey(type: string, secret: string): string {
  return `${type}:${createHash('sha256').update(`${type}\0${secret}`).digest('base64url')}`;
}

/** The same record sealed in every way that needs the bearer's secret alone: as 0.2.0 did, and as now without a server key. */
export function forgeries(value: unknown, type: string, secret: string): Buffer[] {
  const key = recordKey(type, secret);
  const sealed = (recordSecret: ArrayBuffer, aad: string) => {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(recordSecret), iv).setAAD(Buffer.from(aad));
    const body = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(value))), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]);
  };
  const emptyServerKey = Buffer.from(hkdfSync('sha256', '', '', 'rolegate records v2', 32));
  const aad = JSON.stringify([type, key, secret]);
  return [
    sealed(hkdfSync('sha256', secret, '', `rolegate ${type} v1`, 32), key),
    sealed(hkdfSync('sha256', secret, '', `rolegate ${type} v2`, 32), aad),
    sealed(hkdfSync('sha256', secret, emptyServerKey, `rolegate ${type} v2`, 32), aad),
  ];
}

/** The session id in a cookie of express-session. */
export function sessionIdOf(cookies: ReadonlyMap<string, string>): string {
  return decodeURIComponent(cookies.get('rolegate') ?? '')
    .replace(/^s:/, '')
    .split('.')[0]!;
}
