// Encrypts and authenticates stored records. Every key comes from a server key (session.secrets) and the record's owner:
// reading the database needs both, and writing it makes no record that opens.
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { z } from 'zod';
import type { RandomBytes } from '../random.ts';

const ivBytes = 12;
const tagBytes = 16;
const maxPlainBytes = 4 * 1024 * 1024;
/** For so little a call of zlib costs more than its bytes are worth. */
const maxStoredBytes = 384;
/** Half the time of the usual 6, for 2 % more bytes of many groups. */
const deflateLevel = 3;

/** What a record is bound to: moved to another place, it does not open. */
export interface RecordName {
  readonly type: string;
  /** Under which it is stored. */
  readonly key: string;
  /** The bearer's secret, or the name of what the record is about. */
  readonly owner: string;
}

/** @returns a MAC of the parts, in base64url; equal parts under another purpose have another one */
export type Mac = (purpose: string, parts: readonly string[]) => string;

export interface Sealer {
  /**
   * Under the newest secret.
   * @param isCompressed false for a secret beside what a stranger chooses: compressed together, their length would say how alike
   * they are. Such a record has less than 64 KB.
   */
  seal(value: unknown, record: RecordName, isCompressed?: boolean): Buffer;
  /** The value; undefined if none of our secrets sealed it for this record, or if it does not have this shape. */
  open<T>(shape: z.ZodType<T>, sealed: Buffer, record: RecordName): T | undefined;
  /** One for each secret, the newest first. */
  readonly macs: readonly [Mac, ...Mac[]];
}

/** @param secrets the newest first: it seals, and every one of them opens */
export function createSealer([newest, ...older]: readonly string[], random: RandomBytes): Sealer {
  if (newest === undefined) throw new RangeError('sealing needs a secret');
  const newestKey = serverKey(newest);
  const keys = [newestKey, ...older.map(serverKey)];
  return {
    seal: (value, record, isCompressed = true) => {
      const iv = random(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', recordKey(newestKey, record), iv);
      cipher.setAAD(associatedData(record));
      const sealed = cipher.update(encode(JSON.stringify(value), isCompressed));
      // In GCM nothing is left for the end.
      cipher.final();
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
    },
    open: (shape, sealed, record) => {
      for (const key of keys) {
        const plain = decrypt(sealed, recordKey(key, record), associatedData(record));
        if (plain) return shape.safeParse(JSON.parse(plain)).data;
      }
      return undefined;
    },
    macs: [createMac(newest), ...older.map(createMac)],
  };
}

/** The key under which a bearer's record is stored: no server key in it, so that it is found whatever sealed it. */
export function hashedKey(type: string, secret: string): string {
  return `${type}:${hash('sha256', `${type}\0${secret}`, 'base64url')}`;
}

function decrypt(sealed: Buffer, key: Buffer, aad: Buffer): string | undefined {
  if (sealed.length < ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, ivBytes));
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
    const storedBytes = plain.length - storedHeaderBytes;
    const isStored = storedBytes >= 0 && plain[0] === 1 && plain.readUInt16LE(1) === storedBytes;
    if (isStored) return plain.toString('utf8', storedHeaderBytes);
    return inflateRawSync(plain, { maxOutputLength: maxPlainBytes }).toString('utf8');
  } catch {
    return undefined;
  }
}

// RFC 1951 §3.2.4: a stream of one final, stored block has five bytes of header. Every zlib reads it.
const storedHeaderBytes = 5;

function encode(text: string, isCompressed: boolean): Buffer {
  const plain = Buffer.from(text);
  if (isCompressed && plain.length > maxStoredBytes) return deflateRawSync(plain, { level: deflateLevel });
  // Longer than one block can be.
  if (plain.length > 0xffff) return deflateRawSync(plain, { level: 0 });
  const header = Buffer.from([1, 0, 0, 0, 0]);
  header.writeUInt16LE(plain.length, 1);
  header.writeUInt16LE(~plain.length & 0xffff, 3);
  return Buffer.concat([header, plain]);
}

function serverKey(secret: string): KeyObject {
  return createSecretKey(hkdf(secret, '', 'rolegate records v2'));
}

// RFC 5869 for one block of output. Node's own costs more than twice as much, and each request derives several keys.
function hkdf(secret: string, salt: string | KeyObject, info: string): Buffer {
  const pseudorandomKey = createHmac('sha256', salt).update(secret).digest();
  return createHmac('sha256', pseudorandomKey).update(`${info}\x01`).digest();
}

/** RFC 5869: the server key is the salt, so the owner alone derives nothing, and neither does the server key alone. */
function recordKey(key: KeyObject, { type, owner }: RecordName): Buffer {
  return hkdf(owner, key, `rolegate ${type} v2`);
}

function associatedData({ type, key, owner }: RecordName): Buffer {
  return Buffer.from(JSON.stringify([type, key, owner]));
}

function createMac(secret: string): Mac {
  const key = createSecretKey(hkdf(secret, '', 'rolegate macs v2'));
  return (purpose, parts) =>
    createHmac('sha256', key)
      .update(JSON.stringify([purpose, ...parts]))
      .digest('base64url');
}
