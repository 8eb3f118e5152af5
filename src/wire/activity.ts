// The schemas of recent activity in the JSON API.
import * as z from 'zod';

const instant = z.iso.datetime();
const count = z.number().int();

const activityEntry = z.strictObject({
  kind: z.enum(['sign_in', 'credentials', 'console', 'refused']),
  time: instant,
  roleArn: z.string().optional(),
  code: z.string().optional().describe('With refused: the code of the problem'),
  accessKeyId: z.string().optional().describe('With credentials: CloudTrail shows it in each call'),
  expiresAt: instant.optional().describe('End of the credentials or the console session'),
  requestId: z.string(),
  sourceIp: z.string(),
  cliSession: z.string().optional().describe('Name of the CLI session; missing in a browser'),
  machine: z.string().optional().describe('The machine of the CLI session, as it described itself'),
});

export const activity = z.strictObject({
  entries: z.array(activityEntry).describe('Up to 50 of the last 30 days, the newest first; for display only'),
});
export type Activity = z.output<typeof activity>;

export const adminActivityQuery = z.strictObject({
  days: z.coerce.number().int().min(1).max(30).default(7).describe('How many days, today included'),
  user: z.string().min(1).max(300).optional().describe('With idp: the entries of this user too'),
  idp: z.string().min(1).max(64).optional().describe('Id of the identity provider of the user'),
});

export const adminActivity = z.strictObject({
  days: z
    .array(
      z.strictObject({
        date: z.iso.date().describe('UTC'),
        signIns: count,
        credentials: count,
        consoles: count,
        refusals: count,
        roles: z.array(z.strictObject({ roleArn: z.string(), count })).describe('The most used first'),
      }),
    )
    .describe('The newest first'),
  entries: z.array(activityEntry).optional().describe('Of the user that was asked for'),
});
export type AdminActivity = z.output<typeof adminActivity>;
