// express-session over our sealed store. Sessions are opened by broker/sign-in/open-session.ts; here they are read, kept alive
// and ended.
import type { RequestHandler } from 'express';
import session, { type SessionData, Store } from 'express-session';
import { type SessionRecord, sessionTtlMs } from '../../broker/sign-in/session.ts';
import { randomSecret } from '../../random.ts';
import type { Services } from '../context.ts';
import { sessionCookieName, sessionCookieOptions } from './cookies.ts';

export function createSessionMiddleware(services: Services): RequestHandler {
  const { config, random } = services;
  return session({
    name: sessionCookieName(config),
    secret: [...config.session.secrets],
    genid: () => randomSecret(random),
    store: new SealedStore(services),
    resave: false,
    saveUninitialized: false,
    cookie: sessionCookieOptions(config),
  });
}

type Callback = (error?: unknown) => void;

/** A session's end is moved at most this often in its idle time. */
const touchesInIdleTime = 60;
/** Beyond this the session that was touched longest ago is forgotten, and is touched once more than it had to be. */
const maxTouched = 10_000;

class SealedStore extends Store {
  readonly #services: Services;
  /** When this process last moved a session's end, by handle, in that order. */
  readonly #touched = new Map<string, number>();

  constructor(services: Services) {
    super();
    this.#services = services;
  }

  get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    const { sessions, config, admits } = this.#services;
    // Not in the store: what the cookie is like is a matter of the configuration.
    const cookie = { ...sessionCookieOptions(config), originalMaxAge: null };
    const read = async (): Promise<SessionRecord | undefined> => {
      const found = await sessions.read(id);
      if (!found || admits(found.signedIn.identity)) return found;
      // The configuration has changed since the sign-in.
      await sessions.destroy(id);
      return undefined;
    };
    read().then(
      (found) => callback(null, found === undefined ? null : ({ ...found, cookie } as SessionData)),
      (error: unknown) => callback(error),
    );
  }

  /** No code changes a session. If some did, this would overwrite an existing one, never restore an ended one. */
  set(id: string, { signedIn }: SessionData, callback: Callback = () => {}): void {
    const { sessions, config, clock } = this.#services;
    const ttlMs = sessionTtlMs(signedIn, config.session.idleTimeoutMs, clock.now());
    sessions.replace(id, { signedIn }, ttlMs).then(() => callback(), callback);
  }

  override touch(id: string, { signedIn }: SessionData, callback: Callback = () => {}): void {
    const { sessions, config, clock } = this.#services;
    const { idleTimeoutMs } = config.session;
    const [now, handle] = [clock.now(), sessions.handleOf(id)];
    const sinceLast = now.getTime() - (this.#touched.get(handle) ?? Number.NEGATIVE_INFINITY);
    if (sinceLast < idleTimeoutMs / touchesInIdleTime) {
      callback();
      return;
    }
    this.#touched.delete(handle);
    this.#touched.set(handle, now.getTime());
    if (this.#touched.size > maxTouched) this.#touched.delete(this.#touched.keys().next().value ?? '');
    sessions.touch(id, sessionTtlMs(signedIn, idleTimeoutMs, now)).then(() => callback(), callback);
  }

  destroy(id: string, callback: Callback = () => {}): void {
    this.#services.sessions.destroy(id).then(() => callback(), callback);
  }
}
