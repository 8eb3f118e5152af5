// The JSON API's shapes: what the portal, other portals and the command line rely on. zod only; the OpenAPI document is
// made from the same schemas.
import * as z from 'zod';
import { roleArnForm } from './role-arn.ts';

const roleArn = z
  .string()
  .min(20)
  .max(2048)
  .describe('ARN of an IAM role, or of a federated user where the account issues federation tokens');
const durationSeconds = z.number().int().min(900).max(129_600).describe('Seconds; limited by the rule and by the role');
const instant = z.iso.datetime().describe('UTC');

export const credentialsRequest = z.strictObject({
  roleArn,
  durationSeconds: durationSeconds.optional(),
  policy: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .describe('Inline session policy: the session has the permissions that both the role and the policy allow'),
  sessionPolicy: z.string().max(32).optional().describe('Id of a session policy of the portal, in place of `policy`'),
});

export const consoleUrlRequest = z.strictObject({
  roleArn,
  destination: z.string().max(2048).optional().describe('Console path or URL; the home page of the region by default'),
  service: z.string().max(40).optional().describe('Short name such as s3, in place of `destination`'),
  region: z.string().max(30).optional().describe("Region of the console; the account's own by default"),
  signOutFirst: z
    .boolean()
    .optional()
    .describe("Ends the browser's other console sessions on the way; without effect where the partition cannot"),
  durationSeconds: durationSeconds.optional(),
});
export type ConsoleUrlRequest = z.output<typeof consoleUrlRequest>;

export const me = z.strictObject({
  user: z.string(),
  displayName: z.string(),
  identityProvider: z.string(),
  expiresAt: instant.describe('Latest end of the session'),
});
export type Me = Readonly<z.output<typeof me>>;

const filter = z.string().min(1).max(200).optional();

/** Parameters of the list of roles; all that are given must fit. */
export const rolesQuery = z.strictObject({
  q: filter.describe('Words that must all occur in the names of account, environment or role, in any case'),
  account: filter.describe('Id or alias of an account'),
  environment: filter.describe('Environment of the account'),
  role: filter.describe('Name of the role, with or without its path'),
});

const roleEntry = z.strictObject({
  roleArn,
  accountId: z.string().regex(/^\d{12}$/),
  accountAlias: z.string(),
  accountName: z.string(),
  environment: z.string().nullable(),
  roleName: z.string(),
  maxDurationSeconds: z.number().int(),
  rule: z.string().describe('Name of the rule that grants the role'),
  consoleOnly: z.boolean().optional().describe('True for a role that is for the console only'),
  stepUp: z
    .strictObject({ reason: z.enum(['authn_context', 'authentication_age']) })
    .nullable()
    .describe('What the next use of the role requires first; null for nothing'),
  accountLabels: z.array(z.string()).optional(),
  accountOwner: z.string().nullable().optional().describe('Whom to ask about the account'),
  description: z.string().nullable().optional().describe('What the role is for'),
  region: z.string().optional().describe('Default region of the account'),
  consoleUrl: z
    .string()
    .optional()
    .describe('Stable link to the console, no secret: signs in when needed, and asks before it opens'),
});
export type RoleEntry = Readonly<z.output<typeof roleEntry>>;

export const roles = z.strictObject({ roles: z.array(roleEntry) });
export type Roles = Readonly<z.output<typeof roles>>;

/** The credential_process document, and what it is for. */
export const credentials = z.strictObject({
  Version: z.literal(1),
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  SessionToken: z.string(),
  Expiration: instant,
  RoleArn: z.string(),
  AssumedRoleArn: z.string(),
  DurationSeconds: z.number().int(),
  DurationLimitedBy: z
    .enum(['request', 'rule', 'role', 'chaining', 'session'])
    .describe(
      'What limited the duration; `session` is the end of the sign-in, `chaining` the hour that AWS allows a chained role',
    ),
});
export type Credentials = Readonly<z.output<typeof credentials>>;

export const consoleUrl = z.strictObject({
  url: z.string().describe('Signs in to the console; a credential until it expires'),
  expiresAt: instant.describe('When the URL expires, not the console session'),
  sessionExpiresAt: instant.optional().describe('End of the console session, where it is known'),
});
export type ConsoleUrl = Readonly<z.output<typeof consoleUrl>>;

export const consoleHandleRequest = z.strictObject({
  path: z
    .string()
    .regex(/^\/console\?[!-~]{1,4000}$/)
    .describe('Path and query of a console link'),
});

export const consoleHandle = z.strictObject({
  handle: z
    .string()
    .describe('Append it to the link as `&handle=`: the link then opens once without asking, for the same user'),
  expiresAt: instant,
});
export type ConsoleHandle = Readonly<z.output<typeof consoleHandle>>;

const storedRoleArn = z.string().regex(roleArnForm).describe('ARN of an IAM role; the user need not have it now');

export const favouritesRequest = z.strictObject({
  favourites: z.array(storedRoleArn).max(100).describe('All favourites, in order'),
});

export const preferences = z.strictObject({
  favourites: z.array(storedRoleArn),
  recents: z.array(z.strictObject({ roleArn: storedRoleArn, usedAt: instant })).describe('Most recently used first'),
});
export type Preferences = Readonly<z.output<typeof preferences>>;

export const grantsEnded = z.strictObject({
  ended: z.number().int().describe('How many CLI sessions ended'),
});

/** RFC 9457, with a stable code. */
export const problem = z.strictObject({
  type: z.literal('about:blank'),
  status: z.number().int(),
  title: z.string(),
  detail: z.string(),
  code: z.string().describe('Stable code for programs'),
  requestId: z.string().describe('Find the exact reason in the log under this id'),
  stepUpUrl: z.string().optional().describe('With step_up_required: where to sign in again'),
  reauthenticationUrl: z
    .string()
    .optional()
    .describe('With reauthentication_required: where a browser signs in again and continues'),
});
export type Problem = Readonly<z.output<typeof problem>>;
