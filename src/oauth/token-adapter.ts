// Where oidc-provider keeps what it issues: sealed records under hashes, which end by our own clock. What may be used
// once is consumed by compare and set; the caller that loses has shown that another party holds the same secret.
import { createHash } from 'node:crypto';
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { z } from 'zod';
import type { Grants } from '../broker/grants/grants.ts';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { createBearerRecords } from '../store/bearer-records.ts';
import type { KeyValue } from '../store/key-value.ts';
import type { Sealer } from '../store/sealing.ts';
import { cliClientId, cliScope } from '../wire/oauth.ts';
import { proofUsedMs } from './dpop.ts';
import type { BrowserSecrets } from './exchange.ts';

export interface TokenAdapterDeps {
  readonly keyValue: KeyValue;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly grants: Grants;
  /** Ends a grant and leaves a record of it. */
  readonly endGrant: (id: string) => Promise<void>;
  /** The browser that asks now. */
  readonly browser: () => BrowserSecrets | undefined;
}

const tokenRecordShape = z.object({
  payload: z.custom<AdapterPayload>((value) => typeof value === 'object' && value !== null),
  /** Milliseconds since 1970. */
  expiresAt: z.number(),
  /** Of an interaction: a hash of its browser's secret. */
  browser: z.string().optional(),
});
type TokenRecord = Readonly<z.output<typeof tokenRecordShape>>;

/** The library's limit is 60 s; the address may have to be copied to another browser by hand. */
const pushedLifetimeMs = 300_000;
/** A mark of use has to outlive every interaction that began with the request. */
const pushedKeptMs = pushedLifetimeMs + 15 * 60_000;

export function createTokenAdapters(deps: TokenAdapterDeps): (model: string) => Adapter {
  return (model) => {
    if (model === 'Grant') return grantAdapter(deps);
    if (model === 'PushedAuthorizationRequest') {
      const adapter = recordAdapter(model, deps, refuseRequest);
      return {
        ...adapter,
        upsert: (id, payload) => adapter.upsert(id, packed(payload), pushedKeptMs / 1000),
        find: async (id) => {
          const found = (await adapter.find(id)) ?? undefined;
          if (!found) return undefined;
          const { claims, ...payload } = found;
          const parts = [{ alg: 'none' }, { ...(claims as object), exp: payload.exp }];
          const [header, body] = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
          return { ...payload, request: `${header}.${body}.` };
        },
      };
    }
    if (model === 'AuthorizationCode' || model === 'RefreshToken') return recordAdapter(model, deps, refuseReuse(deps));
    if (model === 'Interaction') return interactionAdapter(deps);
    if (model === 'ReplayDetection') {
      // Of two requests at once with one proof: the library looks first, and writes then.
      const adapter = recordAdapter(model, deps, refuseRequest, () => {
        throw new errors.InvalidDpopProof('DPoP proof JWT Replay detected');
      });
      // The library's 300 s end before a proof does in a process whose clock is behind. RFC 9449 §11.1.
      return { ...adapter, upsert: (id, payload) => adapter.upsert(id, payload, proofUsedMs / 1000) };
    }
    if (model === 'AccessToken') return recordAdapter(model, deps, refuseRequest);
    // Session among them: every authorization takes the account from the browser's session with us.
    return nothing;
  };
}

const nothing: Adapter = {
  upsert: async () => {},
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
};

/** The library's view of a grant. It has no writing side: only the confirm page opens grants. */
function grantAdapter({ grants, endGrant }: TokenAdapterDeps): Adapter {
  return {
    ...nothing,
    find: async (id) => {
      const grant = await grants.read(id);
      if (!grant) return undefined;
      const accountId = grant.session.identity.user;
      return { jti: id, kind: 'Grant', accountId, clientId: cliClientId, openid: { scope: cliScope } };
    },
    destroy: endGrant,
  };
}

/** Begun in one browser, it is another's neither to see nor to go on with; and its first answer counts. */
function interactionAdapter(deps: TokenAdapterDeps): Adapter {
  const records = createBearerRecords('oauth-interaction', tokenRecordShape, deps);
  const { clock, browser } = deps;
  const read = async (id: string) => {
    const record = await records.read(id);
    const isHere = record?.browser !== undefined && record.browser === browserMark(browser());
    return isHere && record.expiresAt > clock.now().getTime() ? record : undefined;
  };
  return {
    ...nothing,
    upsert: async (id, payload, expiresIn) => {
      const ttlMs = (expiresIn ?? 0) * 1000;
      const record = { payload, expiresAt: clock.now().getTime() + ttlMs, browser: browserMark(browser()) };
      if (record.browser === undefined) throw new BrokerError('internal', 'an interaction without a browser');
      if (payload['result'] === undefined) {
        if (!(await records.create(id, record, ttlMs))) throw new BrokerError('internal', 'Interaction is there twice');
        return;
      }
      const isFirst = await records.change(id, (current) =>
        current.payload['result'] === undefined && current.browser === record.browser ? record : undefined,
      );
      if (!isFirst) throw new BrokerError('command_line_refused', 'answered before');
    },
    find: async (id) => (await read(id))?.payload,
    destroy: (id) => records.destroy(id),
  };
}

function browserMark(browser: BrowserSecrets | undefined): string | undefined {
  if (browser?.login === undefined) return undefined;
  return createHash('sha256').update(`rolegate command-line browser\0${browser.login}`).digest('base64url');
}

function recordAdapter(
  model: string,
  deps: TokenAdapterDeps,
  refuse: (record: TokenRecord | undefined) => Promise<never>,
  refuseSecond: (model: string) => never = (model) => {
    throw new BrokerError('internal', `${model} is there twice`);
  },
): Adapter {
  const { clock, endGrant } = deps;
  const records = createBearerRecords(`oauth-${model.toLowerCase()}`, tokenRecordShape, deps);
  const read = async (id: string) => {
    const record = await records.read(id);
    return record && record.expiresAt > clock.now().getTime() ? record : undefined;
  };
  return {
    ...nothing,
    upsert: async (id, payload, expiresIn) => {
      const ttlMs = (expiresIn ?? 0) * 1000;
      const record: TokenRecord = { payload, expiresAt: clock.now().getTime() + ttlMs };
      if (!(await records.create(id, record, ttlMs))) refuseSecond(model);
    },
    find: async (id) => (await read(id))?.payload,
    consume: async (id) => {
      const now = clock.now().getTime();
      const isFirst = await records.change(id, ({ payload, expiresAt }) => {
        if (payload.consumed !== undefined || expiresAt <= now) return undefined;
        return { payload: { ...payload, consumed: Math.floor(now / 1000) }, expiresAt };
      });
      if (!isFirst) await refuse(await read(id));
    },
    destroy: (id) => records.destroy(id),
    // Without the grant none of its tokens opens anything.
    revokeByGrantId: endGrant,
  };
}

async function refuseRequest(): Promise<never> {
  throw new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used');
}

/**
 * RFC 9700 §4.14.2, RFC 6749 §4.1.2: of two holders of one token, one is a thief, and we cannot tell which. Also within
 * a race: a thief who is quick must not get away with it.
 */
function refuseReuse({ endGrant }: TokenAdapterDeps) {
  return async (record: TokenRecord | undefined): Promise<never> => {
    if (record?.payload.grantId !== undefined) await endGrant(record.payload.grantId);
    throw new errors.InvalidGrant('already used');
  };
}

// The library keeps the request as an unsecured JWT (RFC 7519 §6), with its end inside as well. We keep its claims: in base64
// they would not shrink when the record is deflated.
function packed({ request = '', ...payload }: AdapterPayload): AdapterPayload {
  const { exp: _, ...claims } = JSON.parse(Buffer.from(request.split('.')[1] ?? '', 'base64url').toString());
  return { ...payload, exp: claims.iat + pushedLifetimeMs / 1000, claims };
}
