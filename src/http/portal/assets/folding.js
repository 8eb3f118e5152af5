// Favourites, recent roles and accounts that a person folds up stay so in this browser.
import { makeIcon } from './icon.js';

const storageKey = 'rolegate-folded';

export function startFolding(overview) {
  const folded = new Set(read());
  for (const box of overview.querySelectorAll('.account, .quick')) {
    if (box.matches('.account') && listOf(box).children.length < 2) continue;
    const heading = box.querySelector('h2, h3');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'fold';
    button.append(makeIcon('chevron'), ...heading.childNodes);
    heading.append(button);
    fold(box, button, folded.has(keyOf(box)));
  }
  overview.addEventListener('click', ({ target }) => {
    const button = target.closest('.fold');
    if (!button) return;
    const box = button.closest('.account, .quick');
    const isFolded = !folded.delete(keyOf(box));
    if (isFolded) folded.add(keyOf(box));
    fold(box, button, isFolded);
    write([...folded]);
  });
}

const keyOf = (box) => box.dataset.account ?? box.id;
const listOf = (box) => box.querySelector(':scope > ul');

function fold(box, button, isFolded) {
  button.setAttribute('aria-expanded', String(!isFolded));
  box.classList.toggle('folded', isFolded);
  listOf(box).hidden = isFolded;
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
