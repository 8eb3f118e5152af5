// The end of the session, told to the reader and to assets/session.js: times left, never a time of day, since clocks differ.

import { type Html, html } from './html.ts';
import type { PageContext } from './page-types.ts';
import { loginUrl } from './return-to.ts';
import { timeTag } from './time-tag.ts';

export function sessionWatch({ text, path, session }: PageContext): Html | undefined {
  if (!session) return undefined;
  const { page } = text;
  return html`<div id="session-watch" class="session-watch" role="status" aria-live="polite"
data-idle-seconds="${session.idleSeconds}" data-seconds-left="${session.secondsLeft}" data-user="${session.user}"
data-idle="${page.sessionIdle}" data-absolute="${page.sessionAbsolute}" data-ended="${page.sessionEnded}"
data-replaced="${page.sessionReplaced}" data-stay="${page.staySignedIn}" data-sign-in="${page.signInAgain}"
data-reload="${page.reload}" data-here="${path}" data-login="${loginUrl(path)}"></div>`;
}

/** For those without a script, and for everybody who wants to know. */
export function sessionEnd({ text, session }: PageContext): Html | undefined {
  return session && html`<p>${text.page.sessionUntil} ${timeTag(session.endsAt)}</p>`;
}
