// What verification reads of a record, of this version or an earlier one.
import { z } from 'zod';

const recordShape = z.object({
  audit: z.int().min(1),
  chain: z.string().min(1),
  previous: z.string(),
  time: z.string().default(''),
  event: z.string().default(''),
});
export type CheckedRecord = z.output<typeof recordShape>;

/** Undefined for a line that is not a whole record. */
export function parseRecord(text: string): CheckedRecord | undefined {
  try {
    return recordShape.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
