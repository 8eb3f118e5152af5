// Accounts that a person folds up stay so in this browser.
const storageKey = 'rolegate-folded';

export function startFolding(overview) {
  const folded = new Set(read());
  for (const card of overview.querySelectorAll('.account')) {
    const roles = card.querySelector('.roles');
    if (roles.children.length < 2) continue;
    const heading = card.querySelector('h3');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'fold';
    button.append(...heading.childNodes);
    heading.append(button);
    fold(button, roles, folded.has(card.dataset.account));
  }
  overview.addEventListener('click', ({ target }) => {
    const button = target.closest('.fold');
    if (!button) return;
    const card = button.closest('.account');
    const isFolded = !folded.delete(card.dataset.account);
    if (isFolded) folded.add(card.dataset.account);
    fold(button, card.querySelector('.roles'), isFolded);
    write([...folded]);
  });
}

function fold(button, roles, isFolded) {
  button.setAttribute('aria-expanded', String(!isFolded));
  roles.hidden = isFolded;
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(storageKey)) ?? [];
  } catch {
    return [];
  }
}

function write(ids) {
  try {
    localStorage.setItem(storageKey, JSON.stringify(ids));
  } catch {
    // Without storage it holds for this page.
  }
}
