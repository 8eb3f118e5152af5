// The pages people see: sign-in, one-time code, party list, errors, and the form that carries a SAML message back.

import type { AdfsError } from './errors.ts';
import { escapeXml } from './xml.ts';

/** Hidden fields and address that bring a form back to the request it belongs to. */
export interface FormTarget {
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
}

/** The user name and password form. */
export function loginPage(
  target: FormTarget,
  options: { relyingParty: string; error?: string; hint?: string | undefined },
): string {
  const hint = options.hint === undefined ? '' : `<p class="hint">${escapeXml(options.hint)}</p>`;
  return page(
    'Sign in',
    `<h1>Sign in</h1><p>to continue to <strong>${escapeXml(options.relyingParty)}</strong></p>${errorNote(options.error)}` +
      openForm('loginForm', { ...target, hidden: { ...target.hidden, AuthMethod: 'FormsAuthentication' } }) +
      '<label for="userNameInput">User name</label>' +
      '<input id="userNameInput" name="UserName" type="text" autocomplete="username" autocapitalize="none" ' +
      'spellcheck="false" placeholder="someone@example.com" required autofocus>' +
      '<label for="passwordInput">Password</label>' +
      '<input id="passwordInput" name="Password" type="password" autocomplete="current-password" required>' +
      `<button id="submitButton" type="submit">Sign in</button></form>${hint}`,
  );
}

/** The form for the second factor. */
export function codePage(target: FormTarget, options: { error?: string; hint: string }): string {
  return page(
    'Verify your identity',
    `<h1>Verify your identity</h1><p>This sign-in needs a second factor.</p>${errorNote(options.error)}` +
      openForm('codeForm', { ...target, hidden: { ...target.hidden, AuthMethod: 'VerificationCodeAuthentication' } }) +
      '<label for="verificationCodeInput">One-time code</label>' +
      '<input id="verificationCodeInput" name="VerificationCode" type="text" inputmode="numeric" pattern="[0-9]{6}" ' +
      'maxlength="6" autocomplete="one-time-code" required autofocus>' +
      `<button id="submitButton" type="submit">Verify</button></form><p class="hint">${escapeXml(options.hint)}</p>`,
  );
}

/** The page that posts a message to a relying party: by script, or by its button. */
export function postPage(input: {
  readonly location: string;
  readonly parameter: 'SAMLRequest' | 'SAMLResponse';
  readonly message: string;
  readonly relayState: string | undefined;
}): string {
  const relayState = input.relayState === undefined ? {} : { RelayState: input.relayState };
  const target = { action: input.location, hidden: { [input.parameter]: input.message, ...relayState } };
  return (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Working...</title></head><body>' +
    `${openForm('hiddenform', target)}<noscript><p>Script is disabled. Click Submit to continue.</p>` +
    '<input type="submit" value="Submit"></noscript></form>' +
    '<script>window.setTimeout(function () { document.forms[0].submit(); }, 0);</script></body></html>'
  );
}

/** The IdP-initiated page: one link per relying party. */
export function partyListPage(entityIds: readonly string[], user: string | undefined): string {
  const links = entityIds.map((entityId) => {
    const target = `/adfs/ls/idpinitiatedsignon.aspx?loginToRp=${encodeURIComponent(entityId)}`;
    return `<li><a href="${escapeXml(target)}">${escapeXml(entityId)}</a></li>`;
  });
  const who = user === undefined ? 'You are not signed in.' : `You are signed in as ${escapeXml(user)}.`;
  const signOut = user === undefined ? '' : '<p><a href="/adfs/ls/?wa=wsignout1.0">Sign out</a></p>';
  return page('Choose a site', `<h1>Choose a site</h1><p>${who}</p><ul>${links.join('')}</ul>${signOut}`);
}

/** The end of a logout that started here. */
export function signedOutPage(isComplete: boolean): string {
  const rest = isComplete ? '' : '<p>Not every site confirmed the sign-out. Close the browser to be safe.</p>';
  return page('Signed out', `<h1>Signed out</h1><p>You have been signed out.</p>${rest}`);
}

/** What a person sees when a request is refused; the details are in the events. */
export function errorPage(error: AdfsError): string {
  const party =
    error.relyingParty === undefined ? '' : `<dt>Relying party</dt><dd>${escapePlainly(error.relyingParty)}</dd>`;
  return page(
    'An error occurred',
    '<h1>An error occurred</h1><p>An error occurred while processing the request. Contact your administrator.</p>' +
      `<dl><dt>Error</dt><dd>${error.code}: ${escapePlainly(error.message)}</dd><dt>Event</dt><dd>${error.eventId}</dd>${party}</dl>`,
  );
}

/** Requests may hold characters that no XML may; a page shows them as a question mark. */
function escapePlainly(text: string): string {
  return escapeXml(text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '?'));
}

function errorNote(error: string | undefined): string {
  return error === undefined ? '' : `<p class="error" id="errorText" role="alert">${escapeXml(error)}</p>`;
}

function openForm(id: string, target: FormTarget): string {
  const fields = Object.entries(target.hidden).map(
    ([name, value]) => `<input type="hidden" name="${escapeXml(name)}" value="${escapeXml(value)}">`,
  );
  return `<form method="POST" id="${id}" name="${id}" action="${escapeXml(target.action)}">${fields.join('')}`;
}

const styles = `
body { margin: 0; font: 1rem/1.5 "Segoe UI", system-ui, sans-serif; color: #1b1b1f; background: #e9eef5; }
header { padding: .6rem 1.5rem; color: #fff; background: #3b2e7e; font-weight: 600; }
main { max-width: 25rem; margin: 8vh auto; padding: 2rem; background: #fff; border-radius: .5rem; box-shadow: 0 2px 14px #0003; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; } p, dd, li { overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; padding: .55rem; font: inherit; border: 1px solid #6b6f76; border-radius: .25rem; }
button { width: 100%; margin-top: 1.5rem; padding: .65rem; font: inherit; font-weight: 600; color: #fff; background: #3b2e7e; border: 0; border-radius: .25rem; cursor: pointer; }
input:focus, button:focus, a:focus { outline: 3px solid #0b6bcb; outline-offset: 2px; }
a { color: #20489e; } dt { font-weight: 600; } dd { margin: 0 0 .75rem; }
.error { padding: .6rem; color: #8c1111; background: #fdecec; border-left: 4px solid #c62828; }
.hint { margin-top: 1.5rem; padding: .6rem; background: #f0f2f5; font-size: .9rem; white-space: pre-line; }
`;

function page(title: string, content: string): string {
  return (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<title>${escapeXml(title)} - sample identity provider</title><style>${styles}</style></head>` +
    `<body><header>Sample identity provider (not for production)</header><main>${content}</main></body></html>`
  );
}
