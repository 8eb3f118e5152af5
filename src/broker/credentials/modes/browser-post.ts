// The mode `browser-post`: consoles only, by an assertion that the person's browser posts (broker/credentials/post-console.ts).
// Credentials are refused: nothing here calls STS.
import { BrokerError } from '../../../errors.ts';
import type { PrepareSession } from './mode.ts';

export const createBrowserPost = (): PrepareSession => () => {
  throw new BrokerError('console_only', 'the mode browser-post opens consoles only');
};
