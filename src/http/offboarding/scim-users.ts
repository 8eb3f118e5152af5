// People as SCIM clients see them (RFC 7643, RFC 7644). The broker has no directory: every name is a user whose id is made of
// the name, so an answer does not tell who has signed in.
import { z } from 'zod';
import { BrokerError } from '../../errors.ts';

const schemas = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
  provider: 'urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig',
};

const activePaths = new Set(['active', `${schemas.user}:active`.toLowerCase()]);

const userName = z.string().min(1).max(256);

export const idOf = (name: string) => Buffer.from(name).toString('base64url');

/** @throws BrokerError not_found for an id that no name has */
export function nameOf(id: string): string {
  const name = Buffer.from(id, 'base64url').toString();
  if (idOf(name) !== id || !userName.safeParse(name).success) throw new BrokerError('not_found', 'no such user');
  return name;
}

export function userResource(name: string, isActive: boolean, baseUrl: string) {
  const id = idOf(name);
  const meta = { resourceType: 'User', location: `${baseUrl}/scim/v2/Users/${id}` };
  return { schemas: [schemas.user], id, userName: name, active: isActive, meta };
}

export function listOf(resources: readonly object[]) {
  const { length } = resources;
  return { schemas: [schemas.list], totalResults: length, startIndex: 1, itemsPerPage: length, Resources: resources };
}

export function scimError(status: number, detail: string, scimType?: string) {
  return { schemas: [schemas.error], status: String(status), detail, ...(scimType && { scimType }) };
}

/** RFC 7643 §5. */
export function providerConfig(baseUrl: string) {
  const no = { supported: false };
  return {
    schemas: [schemas.provider],
    patch: { supported: true },
    bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 1 },
    ...{ changePassword: no, sort: no, etag: no },
    authenticationSchemes: [
      { type: 'oauthbearertoken', name: 'Bearer token', description: 'The token of offboarding.scim (RFC 6750).' },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/scim/v2/ServiceProviderConfig` },
  };
}

/** A request that RFC 7644 §3.12 has a scimType for. */
export class ScimError extends Error {
  readonly scimType: 'invalidFilter' | 'invalidSyntax' | 'invalidValue' | 'mutability' | 'uniqueness';

  constructor(scimType: ScimError['scimType'], message: string) {
    super(message);
    this.name = 'ScimError';
    this.scimType = scimType;
  }
}

/** @returns the name of `userName eq "…"`, the one filter that there is */
export function filteredName(filter: unknown): string {
  const [, literal] = /^\s*userName\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/i.exec(String(filter)) ?? [];
  try {
    return userName.parse(JSON.parse(literal ?? ''));
  } catch {
    throw new ScimError('invalidFilter', 'the filter must be userName eq "NAME"');
  }
}

/** Entra ID writes the value as the text "False". */
const active = z
  .union([z.boolean(), z.string().regex(/^(?:true|false)$/i)])
  .transform((value) => String(value).toLowerCase() === 'true');

const userShape = z.looseObject({ schemas: z.array(z.string()), userName });

/** Names of attributes have no case (RFC 7643 §2.1). @throws ScimError for another value than true or false */
function activeIn(attributes: Readonly<Record<string, unknown>>): boolean | undefined {
  const values = Object.entries(attributes).flatMap(([name, value]) => {
    if (!activePaths.has(name.toLowerCase())) return [];
    const { data } = active.safeParse(value);
    if (data === undefined) throw new ScimError('invalidValue', 'active can be replaced with true or false');
    return [data];
  });
  return values.at(-1);
}

/** Of POST and PUT: all other attributes are ignored (RFC 7644 §3.3). */
export function readUser(body: unknown): { readonly userName: string; readonly active: boolean | undefined } {
  const parsed = userShape.safeParse(body).data;
  if (!parsed?.schemas.includes(schemas.user)) throw new ScimError('invalidSyntax', 'the body is not a User');
  return { userName: parsed.userName, active: activeIn(parsed) };
}

const patchShape = z.object({
  schemas: z.array(z.string()),
  Operations: z
    .array(z.object({ op: z.string(), path: z.string().optional(), value: z.unknown().optional() }))
    .min(1)
    .max(100),
});
/** @returns what the operations make of `active`; undefined if they are about other attributes only */
export function patchedActive(body: unknown): boolean | undefined {
  const parsed = patchShape.safeParse(body).data;
  if (!parsed?.schemas.includes(schemas.patch)) throw new ScimError('invalidSyntax', 'the body is not a PatchOp');
  const values = parsed.Operations.flatMap(({ op, path, value }) => {
    const attributes = path === undefined ? z.looseObject({}).safeParse(value).data : { [path]: value };
    const found = activeIn(attributes ?? {});
    if (found === undefined) return [];
    if (!/^(?:add|replace)$/i.test(op)) throw new ScimError('invalidValue', 'active can be replaced, not removed');
    return [found];
  });
  return values.at(-1);
}
