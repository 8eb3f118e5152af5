// What the pages for one role and for several share: the lines that people copy, and the sentences that scripts fill in.
import type { Piece } from '../../aws/credential-formats.ts';
import type { IssuedCredentials } from '../../broker/credentials/credentials.ts';
import { copyButton, summary } from '../page/controls.ts';
import { type Html, html } from '../page/html.ts';
import type { Messages } from '../page/messages/en.ts';
import { duration } from '../portal/role-row.ts';

/** The blocks that assets/tabs.js makes tabs of, with the box that shows the secret values. */
export function shellBlocks(blocks: readonly Html[], { credentials }: Messages): Html {
  return html`<h2 id="forms">${credentials.forms}</h2>
<p><label><input type="checkbox" id="reveal" autocomplete="off"> ${credentials.show}</label></p>
<div id="shells">
${blocks}
</div>`;
}

export function shellBlock(
  shell: keyof Messages['credentials']['shells'],
  isOpen: boolean,
  content: Html,
  { credentials }: Messages,
): Html {
  return html`<details data-shell="${shell}" ${isOpen && html`open`}>${summary(credentials.shells[shell])}
${content}
</details>`;
}

/** Lines with the button that copies them. */
export function copyLines(
  id: string,
  shell: keyof Messages['credentials']['shells'],
  pieces: readonly Piece[],
  text: Messages,
): Html {
  const { credentials } = text;
  const name = credentials.shells[shell];
  return html`<div class="lines"><pre id="${id}" tabindex="0" role="group" aria-label="${credentials.linesFor(name)}">${pieces.map(toHtml)}</pre>
${copyButton(html`data-lines="${id}" data-done="${credentials.copiedFor(name)}"`, text)}</div>`;
}

/** Secrets are in a separate element: the style sheet shows dots in their place until the box is ticked. */
function toHtml({ text, slot }: Piece): Html {
  if (slot === undefined) return html`${text}`;
  const value = html`<span data-slot="${slot}">${text}</span>`;
  return slot === 'secretAccessKey' || slot === 'sessionToken' ? html`<span class="secret">${value}</span>` : value;
}

/** Why the credentials are shorter than requested, if they are. */
export function clamped(
  { role, durationSeconds, durationLimitedBy }: IssuedCredentials,
  requestedSeconds: number | undefined,
  text: Messages,
): string | undefined {
  const requested = requestedSeconds ?? role.maxDurationSeconds;
  if (requested <= durationSeconds || durationLimitedBy === 'request') return undefined;
  return text.credentials.clamped[durationLimitedBy](duration(requested, text), duration(durationSeconds, text));
}

export function scriptTexts({ credentials, page }: Messages) {
  const counted = (write: (count: number) => string) => write(0).replace('0', '{0}');
  return {
    hours: counted(page.hours),
    minutes: counted(page.minutes),
    seconds: counted(page.seconds),
    left: credentials.left('{0}'),
    endSoon: credentials.endSoon('{0}'),
    ended: credentials.ended,
    endedMark: credentials.endedMark,
    until: credentials.durationUntil('{0}'),
    lengthWhy: credentials.lengthWhy('{0}', '{1}'),
    limitedBy: credentials.limitedBy,
    clamped: {
      rule: credentials.clamped.rule('{0}', '{1}'),
      role: credentials.clamped.role('{0}', '{1}'),
      chaining: credentials.clamped.chaining('{0}', '{1}'),
      session: credentials.clamped.session('{0}', '{1}'),
    },
    limited: credentials.limited('{0}'),
    copied: page.copied,
    copyFailed: credentials.copyFailed,
    renewing: credentials.renewing,
    renewed: credentials.renewed('{0}'),
    signInAgain: page.signInAgain,
    requestId: page.requestId,
    unreachable: credentials.unreachable,
  };
}
