// The menu with the rarer actions of a role. The page has one, and it moves to the row where it was opened.
import { consoleLink } from './rows.js';

export function startMenu(texts) {
  let opener;
  const menu = document.createElement('div');
  menu.className = 'menu';
  // Marked by a class: for `:has()` the browser would look through thousands of rows at each change.
  const around = () => [
    menu.closest('.account .roles') ?? menu.closest('.role'),
    menu.closest('.accounts, .results, .quick ul'),
  ];
  const close = () => {
    for (const element of around()) element?.classList.remove('with-menu');
    menu.remove();
    opener?.setAttribute('aria-expanded', 'false');
    opener = undefined;
  };
  const open = (button) => {
    const row = button.closest('.role');
    const items = [
      [texts.openLink, consoleLink(row)],
      // A role for consoles only has no options.
      ...(row.querySelector('[name=choose]') ? [] : [[texts.options, button.href]]),
    ];
    menu.replaceChildren(...items.map(([name, href]) => menuItem(name, href)));
    button.after(menu);
    for (const element of around()) element.classList.add('with-menu');
    button.setAttribute('aria-expanded', 'true');
    opener = button;
    menu.firstElementChild.focus();
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.more');
    if (event.target.closest('.menu') || (button && (event.ctrlKey || event.metaKey))) return;
    const wasOpen = button && button === opener;
    close();
    if (!button) return;
    event.preventDefault();
    if (!wasOpen) open(button);
  });
  document.addEventListener('keydown', ({ key, target }) => {
    if (key !== 'Escape' || !opener || !(menu.contains(target) || target === opener)) return;
    const button = opener;
    close();
    button.focus();
  });
}

function menuItem(name, href) {
  const link = document.createElement('a');
  link.href = href;
  link.textContent = name;
  return link;
}
