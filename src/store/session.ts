// Sessions, kept sealed under the session id. A destroyed session never returns: writes go only over what exists.
import type { RandomBytes } from '../random.ts';
import type { KeyValue } from './key-value.ts';
import { hashedKey, seal, unseal } from './sealing.ts';

export interface SessionStore {
  read(id: string): Promise<unknown>;
  /** For an id that was just generated. */
  create(id: string, session: unknown, ttlMs: number): Promise<boolean>;
  /** For a session that was read before; false if it has been destroyed since. */
  replace(id: string, session: unknown, ttlMs: number): Promise<boolean>;
  touch(id: string, ttlMs: number): Promise<void>;
  destroy(id: string): Promise<void>;
  /** The name of a session for those who may end it but not use it. */
  handleOf(id: string): string;
  /** @returns whether there was such a session */
  destroyByHandle(handle: string): Promise<boolean>;
}

const purpose = 'session';

export function createSessionStore(keyValue: KeyValue, random: RandomBytes): SessionStore {
  const key = (id: string) => hashedKey(purpose, id);
  return {
    read: async (id) => {
      const sealed = await keyValue.read(key(id));
      return sealed && unseal(sealed, purpose, id);
    },
    create: (id, session, ttlMs) => keyValue.create(key(id), seal(session, purpose, id, random), ttlMs),
    replace: (id, session, ttlMs) => keyValue.replace(key(id), seal(session, purpose, id, random), ttlMs),
    touch: (id, ttlMs) => keyValue.touch(key(id), ttlMs),
    destroy: (id) => keyValue.remove(key(id)),
    handleOf: key,
    destroyByHandle: async (handle) => (await keyValue.take(handle)) !== undefined,
  };
}
