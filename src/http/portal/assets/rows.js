// The rows of roles as the server wrote them: what they say, and copies of them in other places.
import { rangesIn } from './search.js';

/** What can be searched, and the row itself. */
export function readRole(row) {
  const card = row.closest('.account');
  const read = (selector) => card.querySelector(selector)?.textContent ?? '';
  const section = card.closest('.environment');
  const [, path] = row.querySelector('input[name=roleArn]').value.split(/:role\/(.*)/);
  return {
    row,
    path,
    name: row.querySelector('strong').textContent,
    account: read('h3'),
    alias: read('.alias'),
    id: read('code'),
    labels: [...card.querySelectorAll('.labels li')].map((label) => label.textContent),
    environment: section.dataset.environment,
    isProduction: 'production' in section.dataset,
  };
}

/** A copy that says where the role is. `more` are other names to say. */
export function resultRow(role, more = []) {
  const copy = role.row.cloneNode(true);
  if (role.isProduction) copy.dataset.production = '';
  const where = document.createElement('span');
  where.className = 'where';
  where.textContent = [role.account, role.id, ...more].join(' · ');
  copy.querySelector('strong').after(' ', where);
  if (role.isProduction) where.after(' ', environmentTag(role.environment));
  const [box, original] = [copy, role.row].map((each) => each.querySelector('input[type=checkbox]'));
  // Only the original is sent with the form.
  box.removeAttribute('name');
  box.removeAttribute('form');
  box.checked = original.checked;
  box.addEventListener('change', () => {
    original.checked = box.checked;
    original.dispatchEvent(new Event('change', { bubbles: true }));
  });
  return copy;
}

/** A copy as favourites show it: the role, its account, and its actions. */
export function quickRow(role) {
  const copy = resultRow(role);
  for (const more of copy.querySelectorAll('input[type=checkbox], .purpose')) more.remove();
  copy.querySelector('.limit').textContent = '';
  const id = document.createElement('code');
  id.textContent = role.id;
  copy.querySelector('.where').replaceChildren(`${role.account} `, id);
  return copy;
}

function environmentTag(environment) {
  const tag = document.createElement('span');
  tag.className = 'env';
  tag.textContent = environment;
  return tag;
}

/** The console's button, or the link to the sign-in that comes first. */
export const firstAction = (row) => row.querySelector('.actions > button, .actions > a');

/** A copy that shows what made it fit: text nodes in marks, never markup from text. */
export function foundRow(role, query) {
  const copy = resultRow(
    role,
    [role.alias, ...role.labels].filter((name) => rangesIn(name, query).length > 0),
  );
  for (const place of copy.querySelectorAll('strong, .where')) {
    const text = place.textContent;
    const parts = [];
    let done = 0;
    for (const [start, end] of rangesIn(text, query)) {
      const mark = document.createElement('mark');
      mark.textContent = text.slice(start, end);
      parts.push(text.slice(done, start), mark);
      done = end;
    }
    if (done > 0) place.replaceChildren(...parts, text.slice(done));
  }
  return copy;
}

/** The address that opens the console with the role of a row. */
export const consoleLink = (row) => {
  const link = new URL(row.querySelector('.more').href);
  link.pathname = '/console';
  return link.href;
};
