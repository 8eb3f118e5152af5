// express-session over our sealed store.
import type { RequestHandler } from 'express';
import session, { type SessionData, Store } from 'express-session';
import { randomSecret } from '../../random.ts';
import type { Services } from '../context.ts';
import { sessionCookieName } from './cookies.ts';

export function createSessionMiddleware(services: Services): RequestHandler {
  const { config, random } = services;
  return session({
    name: sessionCookieName(config),
    secret: [...config.session.secrets],
    genid: () => randomSecret(random),
    store: new SealedStore(services),
    resave: false,
    saveUninitialized: false,
    // No maxAge: the browser forgets the cookie when it closes; the store ends the session by its own clock.
    cookie: { httpOnly: true, sameSite: 'lax', secure: config.baseUrl.startsWith('https:'), path: '/' },
  });
}

type Callback = (error?: unknown) => void;

class SealedStore extends Store {
  readonly #services: Services;
  /** Session objects that came out of the store: they may only be written over themselves. */
  readonly #loaded = new WeakSet<object>();

  constructor(services: Services) {
    super();
    this.#services = services;
  }

  override createSession(...args: Parameters<Store['createSession']>): ReturnType<Store['createSession']> {
    const created = super.createSession(...args);
    this.#loaded.add(created);
    return created;
  }

  get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    this.#services.sessions.read(id).then(
      (found) => callback(null, (found as SessionData | undefined) ?? null),
      (error: unknown) => callback(error),
    );
  }

  set(id: string, data: SessionData, callback: Callback = () => {}): void {
    const { sessions } = this.#services;
    const ttlMs = this.#ttlMs(data);
    const write = this.#loaded.has(data) ? sessions.replace(id, data, ttlMs) : sessions.create(id, data, ttlMs);
    this.#loaded.add(data);
    // A write that found the session gone is no error: it was ended elsewhere and stays ended.
    write.then(() => callback(), callback);
  }

  override touch(id: string, data: SessionData, callback: Callback = () => {}): void {
    this.#services.sessions.touch(id, this.#ttlMs(data)).then(() => callback(), callback);
  }

  destroy(id: string, callback: Callback = () => {}): void {
    this.#services.sessions.destroy(id).then(() => callback(), callback);
  }

  #ttlMs(data: SessionData): number {
    const { config, clock } = this.#services;
    const left = (data.signedIn?.expiresAt ?? Number.POSITIVE_INFINITY) - clock.now().getTime();
    return Math.max(1, Math.min(config.session.idleTimeoutMs, left));
  }
}
