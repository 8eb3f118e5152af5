// The JSON API's shapes for administrators: live sessions, and what AWS still accepts.
import * as z from 'zod';

const instant = z.iso.datetime().describe('UTC');
const user = z.string().min(1).max(300).optional().describe('Name of a user, as audit records show it');
const idp = z.string().min(1).max(100).optional().describe('Id of an identity provider');

/** Without a parameter: of all. */
export const sessionsQuery = z.strictObject({ user, idp });

/** At least one of the first three, or `all` alone. */
export const sessionsEndQuery = z.strictObject({
  user,
  idp,
  id: z.string().min(1).max(60).optional().describe('Id of one session, as the list names it'),
  all: z.literal('true').optional().describe('All sessions of all users, without another parameter'),
});

export const administeredSessions = z.strictObject({
  total: z.number().int(),
  sessions: z.array(
    z.strictObject({
      id: z.string().describe('Identifies the session; not a secret'),
      kind: z.enum(['browser', 'cli']),
      idp: z.string(),
      user: z.string(),
      signedInAt: instant,
      expiresAt: instant,
      machine: z.string().describe('Browser or machine, as it reports itself'),
      address: z.string(),
    }),
  ),
});
export type AdministeredSessions = Readonly<z.output<typeof administeredSessions>>;

export const administeredCredentials = z.strictObject({
  credentials: z.array(
    z.strictObject({
      idp: z.string(),
      user: z.string(),
      roleArn: z.string(),
      mode: z.string().describe('Federation mode'),
      purpose: z.enum(['credentials', 'console']),
      sessionName: z.string(),
      sourceIdentity: z.string().optional(),
      accessKeyId: z.string().optional().describe('Missing where the browser got the credentials from AWS'),
      issuedAt: instant,
      expiresAt: instant,
    }),
  ),
  incomplete: z
    .array(z.string())
    .describe('Users with more credentials than are stored: the audit trail has all of them'),
});
export type AdministeredCredentials = Readonly<z.output<typeof administeredCredentials>>;

export const sessionsEnded = z.strictObject({ ended: z.number().int().describe('How many sessions ended') });
