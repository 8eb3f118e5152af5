// The end of the session, told to the reader and to assets/session.js: times left, never a time of day, since clocks differ.

import { loginUrl } from '../sign-in/return-to.ts';
import { type Html, html } from './html.ts';
import type { PageFrame } from './page-types.ts';

export function sessionWatch({ text, path, session }: PageFrame): Html | undefined {
  if (!session) return undefined;
  const { insight, signInAgain } = text;
  return html`<div id="session-watch" class="session-watch" role="status" aria-live="polite"
data-idle-seconds="${session.idleSeconds}" data-seconds-left="${session.secondsLeft}" data-user="${session.user}"
data-idle="${insight.sessionIdle}" data-absolute="${insight.sessionAbsolute}" data-ended="${insight.sessionEnded}"
data-replaced="${insight.sessionReplaced}" data-stay="${insight.staySignedIn}" data-sign-in="${signInAgain}"
data-reload="${insight.reload}" data-here="${path}" data-login="${loginUrl(path)}"></div>`;
}

/** For those without a script, and for everybody who wants to know. */
export function sessionEnd({ text, session }: PageFrame): Html | undefined {
  const end = session?.endsAt.toISOString();
  return end === undefined
    ? undefined
    : html`<p>${text.insight.sessionUntil} <time datetime="${end}">${end.slice(0, 16).replace('T', ' ')} UTC</time></p>`;
}
