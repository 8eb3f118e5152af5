// The command palette: a dialog with one field that finds roles and what can be done with them, and what the page can do.
import { createIndex, search } from './search.js';

const mostShown = 30;

/**
 * @param texts title, field, nothing
 * @param roles the searchable roles, made when first needed
 * @param actions what can be done with a role: `{ name, run(role) }`
 * @param commands what needs no role: `{ name, run() }`
 */
export function createPalette({ texts, roles, actions, commands }) {
  const { dialog, field, list, empty } = build(texts);
  const commandIndex = createIndex(commands, ({ name }) => [name]);
  let shown = [];
  let chosen = 0;
  const mark = (next) => {
    if (shown.length === 0) return;
    chosen = (next + shown.length) % shown.length;
    [...list.children].forEach((option, place) => {
      option.setAttribute('aria-selected', String(place === chosen));
    });
    field.setAttribute('aria-activedescendant', list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: 'nearest' });
  };
  const show = () => {
    shown = [...optionsFor(field.value, roles(), actions), ...search(commandIndex, field.value, 10).best];
    list.replaceChildren(...shown.map(({ name }, place) => toOption(name, place)));
    empty.hidden = shown.length > 0;
    field.removeAttribute('aria-activedescendant');
    mark(0);
  };
  const run = (place) => {
    dialog.close();
    shown[place]?.run();
  };
  field.addEventListener('input', show);
  field.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    if (step === undefined) run(chosen);
    else mark(chosen + step);
  });
  list.addEventListener('click', ({ target }) => {
    const place = [...list.children].indexOf(target.closest('[role=option]'));
    if (place >= 0) run(place);
  });
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  return () => {
    if (dialog.open) return;
    field.value = '';
    dialog.showModal();
    show();
  };
}

/** A word that begins an action's name picks the action, the others find the role. */
function optionsFor(query, index, actions) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const begins = (name, word) => word.length > 2 && name.toLowerCase().startsWith(word);
  const picked = actions.filter(({ name }) => words.some((word) => begins(name, word)));
  const rest = words.filter((word) => !actions.some(({ name }) => begins(name, word)));
  const found = search(index, (picked.length > 0 ? rest : words).join(' '), mostShown).best;
  return found
    .flatMap((role) =>
      (picked.length > 0 ? picked : actions).map(({ name, run }) => ({
        name: `${name}: ${role.name}, ${role.account}`,
        run: () => run(role),
      })),
    )
    .slice(0, mostShown);
}

function build(texts) {
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const combobox = {
    role: 'combobox',
    'aria-expanded': 'true',
    'aria-controls': 'palette-list',
    'aria-autocomplete': 'list',
  };
  const field = make('input', {
    type: 'text',
    id: 'palette-field',
    autocomplete: 'off',
    spellcheck: 'false',
    ...combobox,
  });
  const list = make('ul', { id: 'palette-list', role: 'listbox', 'aria-label': texts.title });
  const empty = make('p', { class: 'muted', role: 'status' }, texts.nothing);
  const label = make('label', { for: 'palette-field' }, texts.field);
  const dialog = make('dialog', { class: 'palette', 'aria-label': texts.title }, label, field, list, empty);
  document.body.append(dialog);
  return { dialog, field, list, empty };
}

function toOption(name, place) {
  const option = document.createElement('li');
  option.id = `palette-${place}`;
  option.setAttribute('role', 'option');
  option.setAttribute('aria-selected', 'false');
  option.textContent = name;
  return option;
}
