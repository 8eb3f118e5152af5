// A redirect after a form, without a body: Express would negotiate the type of a text that no browser shows.
import type { Response } from 'express';

/** RFC 9110 §15.4.4. */
export function seeOther(response: Response, location: string): void {
  response.status(303).location(location).end();
}
