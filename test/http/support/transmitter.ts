// A transmitter of security events (OpenID Shared Signals), with its keys and the address where it publishes them.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import { exportJWK, type JWK, type JWTPayload, SignJWT } from 'jose';
import { freePort } from '../../support/ports.ts';

export const events = {
  sessionRevoked: 'https://schemas.openid.net/secevent/caep/event-type/session-revoked',
  olderSessionsRevoked: 'https://schemas.openid.net/secevent/risc/event-type/sessions-revoked',
  accountDisabled: 'https://schemas.openid.net/secevent/risc/event-type/account-disabled',
  accountPurged: 'https://schemas.openid.net/secevent/risc/event-type/account-purged',
  accountEnabled: 'https://schemas.openid.net/secevent/risc/event-type/account-enabled',
  verification: 'https://schemas.openid.net/secevent/ssf/event-type/verification',
} as const;

export interface Transmitter {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUri: string;
  readonly jwks: { readonly keys: readonly JWK[] };
  /** A good token but for what the claims and the header change; undefined takes one away. */
  readonly sign: (claims: JWTPayload, header?: Readonly<Record<string, string>>) => Promise<string>;
  /** What `jwksUri` answers from now on. */
  readonly answerKeysWith: (status: number, body?: string) => void;
  readonly keyReads: () => number;
  readonly close: () => Promise<void>;
}

export const subjectOf = (email: string) => ({ format: 'email', email });

let count = 0;

export async function startTransmitter(now: () => Date): Promise<Transmitter> {
  const keys: Record<string, { readonly publicKey: KeyObject; readonly privateKey: KeyObject }> = {
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  const jwks = {
    keys: await Promise.all(Object.entries(keys).map(([kid, { publicKey }]) => publicJwk(kid, publicKey))),
  };
  const [issuer, audience] = ['https://transmitter.example', 'https://rolegate.example/events'];
  const port = await freePort();
  let [reads, status, body] = [0, 200, JSON.stringify(jwks)];
  const server = createServer((_, response) => {
    reads++;
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    ...{ issuer, audience, jwks, jwksUri: `http://127.0.0.1:${port}/jwks` },
    sign: (claims, header = {}) => {
      const iat = Math.floor(now().getTime() / 1000);
      const alg = header['alg'] ?? 'RS256';
      return new SignJWT({ iss: issuer, aud: audience, iat, jti: `event-${++count}`, ...claims })
        .setProtectedHeader({ typ: 'secevent+jwt', kid: alg === 'PS256' ? 'RS256' : alg, ...header, alg })
        .sign(keys[alg === 'PS256' ? 'RS256' : alg]!.privateKey);
    },
    answerKeysWith: (nextStatus, nextBody = JSON.stringify(jwks)) => {
      [status, body] = [nextStatus, nextBody];
    },
    keyReads: () => reads,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Without `alg`, so that the header of a token decides about it. */
async function publicJwk(kid: string, key: KeyObject): Promise<JWK> {
  return { ...(await exportJWK(key)), kid };
}
