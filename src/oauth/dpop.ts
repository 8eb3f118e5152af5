// Proofs of possession (RFC 9449): the nonces that they need, and whether one fits a request to the API. At the token end
// point the library judges them; it takes the same nonces.
import { createHash, hkdfSync } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { BrokerError } from '../errors.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { OneTimeStore } from '../store/one-time.ts';
import { createRateLimiter } from '../store/rate-limiter.ts';

/** What a request brings, and where it goes. */
export interface ProofRequest {
  /** The header; undefined without exactly one. */
  readonly proof: string | undefined;
  readonly method: string;
  /** Without the query. RFC 9449 §4.2. */
  readonly path: string;
}

/** The values of `error` in WWW-Authenticate. RFC 9449 §7.1 and §9. */
export type ProofProblem = 'invalid_dpop_proof' | 'use_dpop_nonce';

export interface ProofVerifier {
  /**
   * @returns the problem; undefined if it shows the key with this thumbprint, for this token and this request
   * @throws BrokerError rate_limited
   */
  verify(request: ProofRequest, token: string, thumbprint: string): Promise<ProofProblem | undefined>;
  /** For the next proof. */
  nonce(): string;
}

/** Of the proofs of one key, in each process: each leaves a mark in the store. Far above what a command line asks for in a minute. */
const proofLimit = { perMinute: 600, burst: 1200 };

/** What the library takes as well. */
const algorithms = ['ES256', 'Ed25519', 'EdDSA'];
const stepSeconds = 60;
/** Older and newer ones that still count: clocks of two processes differ. */
const neighbours = [-2, -1, 0, 1, 2];
/** As long as a nonce counts in any process, if their clocks differ by up to two minutes. RFC 9449 §11.1. */
export const proofUsedMs = (neighbours.length + 3) * stepSeconds * 1000;

/** A key of the server's for nonces, from one of its secrets. */
export function nonceSecret(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'rolegate dpop nonces v1', 32));
}

export function createProofVerifier({
  config,
  clock,
  usedProofs,
  keyValue,
}: {
  readonly config: Config;
  readonly clock: Clock;
  /** Of the ids of proofs. */
  readonly usedProofs: OneTimeStore<never>;
  readonly keyValue: KeyValue;
}): ProofVerifier {
  const proofLimiter = createRateLimiter('proof', proofLimit, { keyValue, clock });
  const keys = config.session.secrets.map(nonceSecret);
  const step = () => Math.floor(clock.now().getTime() / (stepSeconds * 1000));
  const isNonce = (value: string) =>
    keys.some((key) => neighbours.some((distance) => nonceOf(key, step() + distance) === value));
  return {
    nonce: () => nonceOf(keys[0]!, step() + 1),
    verify: async ({ proof, method, path }, token, thumbprint) => {
      const found = proof === undefined ? undefined : await read(proof);
      if (!found) return 'invalid_dpop_proof';
      const { jti, htm, htu, ath, nonce } = found.claims;
      const isBound =
        found.thumbprint === thumbprint &&
        htm === method &&
        isSameAddress(htu, config.baseUrl + path) &&
        ath === createHash('sha256').update(token).digest('base64url');
      if (!isBound || typeof jti !== 'string' || jti === '' || jti.length > 256) return 'invalid_dpop_proof';
      // The nonce says when the proof was made, whatever the clock of its machine says.
      if (typeof nonce !== 'string' || !isNonce(nonce)) return 'use_dpop_nonce';
      const waitMs = await proofLimiter.take(thumbprint, 1);
      if (waitMs !== undefined) {
        const details = { retryAfterSeconds: Math.ceil(waitMs / 1000) };
        throw new BrokerError('rate_limited', 'too many proofs of one key', { details });
      }
      const isFirst = await usedProofs.claim(JSON.stringify([thumbprint, jti]), proofUsedMs);
      return isFirst ? undefined : 'invalid_dpop_proof';
    },
  };
}

async function read(proof: string) {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { algorithms, typ: 'dpop+jwt' });
    return { claims: payload, thumbprint: await calculateJwkThumbprint(protectedHeader.jwk!) };
  } catch {
    return undefined;
  }
}

/** RFC 9449 §4.3, 9: without query and fragment, normalized. */
function isSameAddress(claimed: unknown, expected: string): boolean {
  if (typeof claimed !== 'string' || !URL.canParse(claimed)) return false;
  const url = new URL(claimed);
  [url.search, url.hash] = ['', ''];
  return url.href === new URL(expected).href;
}

/** As the library derives them, so that a client that keeps one nonce for an origin keeps the right one. */
function nonceOf(key: Buffer, step: number): string {
  const salt = Buffer.alloc(8);
  salt.writeUInt32BE(step, 4);
  return Buffer.from(hkdfSync('sha256', key, salt, 'DPoP', 32)).toString('base64url');
}
