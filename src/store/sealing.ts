// Encrypts stored values: the record's key is a hash of the bearer's secret, the value AES-256-GCM under a key derived from
// it. A reader of the database learns neither.
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { z } from 'zod';
import type { RandomBytes } from '../random.ts';

const ivBytes = 12;
const tagBytes = 16;
const maxPlainBytes = 4 * 1024 * 1024;

/** The key under which a bearer's record is stored. */
export function hashedKey(purpose: string, secret: string): string {
  return `${purpose}:${createHash('sha256').update(`${purpose}\0${secret}`).digest('base64url')}`;
}

/** Deflates and encrypts; the key's name is bound to the value, so that records cannot be swapped. */
export function seal(value: unknown, purpose: string, secret: string, random: RandomBytes): Buffer {
  const iv = random(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(purpose, secret), iv);
  cipher.setAAD(Buffer.from(hashedKey(purpose, secret)));
  const sealed = Buffer.concat([cipher.update(deflateRawSync(JSON.stringify(value))), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

/** The value; undefined if it was not sealed with this secret, was altered, or does not have this shape. */
export function unsealAs<T>(shape: z.ZodType<T>, sealed: Buffer, purpose: string, secret: string): T | undefined {
  return shape.safeParse(unseal(sealed, purpose, secret)).data;
}

/** As unsealAs, of any shape. */
export function unseal(sealed: Buffer, purpose: string, secret: string): unknown {
  if (sealed.length < ivBytes + tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(purpose, secret), sealed.subarray(0, ivBytes));
  decipher.setAAD(Buffer.from(hashedKey(purpose, secret)));
  decipher.setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  try {
    const plain = Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
    return JSON.parse(inflateRawSync(plain, { maxOutputLength: maxPlainBytes }).toString('utf8'));
  } catch {
    return undefined;
  }
}

function sealingKey(purpose: string, secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `rolegate ${purpose} v1`, 32));
}
