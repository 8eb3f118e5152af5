// The page a person sees who opens the emulator's address in a browser.

import type { Reply } from './reply.ts';
import type { World } from './world.ts';
import { escapeHtml, htmlPage } from './xml/html.ts';

/** What there is here, and the accounts and roles of the estate. */
export function landingPage(world: World): Reply {
  const estate = world.estate();
  const accounts = [...estate.accounts.values()].map((account) => {
    const roles = account.roles.map((role) => escapeHtml(role.name)).join(', ');
    return `<dt>${escapeHtml(account.name)} (${account.id})</dt><dd>${roles}</dd>`;
  });
  return htmlPage(
    200,
    'STS, sign-in and console',
    `<p>This process answers as AWS STS at <code>/</code>, as the sign-in service at <code>/federation</code> and
<code>/saml</code>, and shows a console page at <code>/console/</code>. What happened is listed at
<a href="/_emu/events">/_emu/events</a>.</p>
<h2>Accounts and roles</h2>
<dl>
${accounts.join('\n')}
</dl>`,
  );
}
