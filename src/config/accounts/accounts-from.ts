// The section `accountsFrom`: accounts that are not in the file, but come from AWS Organizations.
import { z } from 'zod';
import { between } from '../fields.ts';

const pattern = z.string().min(1).max(120);

export const accountsFromSchema = z.strictObject({
  organizations: z
    .strictObject({
      /** How often a running process lists again. */
      refresh: between(5, 24 * 60).default(3_600_000),
      /** A file for the last list that was in force, for starts without AWS Organizations. */
      lastGood: z.string().min(1).optional(),
      /** Ids, or names with `*`; without it every account. */
      include: z.array(pattern).min(1).optional(),
      exclude: z.array(pattern).default([]),
    })
    .transform(({ refresh, ...rest }) => ({ refreshMs: refresh, ...rest })),
});

export type OrganizationSection = z.output<typeof accountsFromSchema>['organizations'];
