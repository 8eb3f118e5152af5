// A form of our own pages: its body, and its fields (or a query's) as a schema wants them.
import { type RequestHandler, urlencoded } from 'express';
import type { z } from 'zod';
import { BrokerError } from '../../errors.ts';
import { sameOrigin } from './same-origin.ts';

/** @param limits what the form may hold; most have a few short fields */
export function formBody(baseUrl: string, { limit = '8kb', fields = 10 } = {}): RequestHandler[] {
  return [sameOrigin(baseUrl), urlencoded({ extended: false, limit, parameterLimit: fields })];
}

/** @throws BrokerError bad_request, naming fields and no values */
export function parseForm<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join('.'));
  throw new BrokerError('bad_request', `form does not fit: ${fields.join(', ')}`);
}
