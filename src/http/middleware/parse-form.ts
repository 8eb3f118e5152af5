// A form's fields, or a query's, as a schema wants them.
import type { z } from 'zod';
import { BrokerError } from '../../errors.ts';

/** @throws BrokerError bad_request, naming fields and no values */
export function parseForm<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new BrokerError(
    'bad_request',
    `form does not fit: ${parsed.error.issues.map((i) => i.path.join('.')).join(', ')}`,
  );
}
