// The list of accounts with a keyboard: search, arrow keys, stars, several roles, commands. The page works without it.
import { offerUntilEvening } from './evening.js';
import { startFolding } from './folding.js';
import { showLastUsed } from './last-used.js';
import { startMenu } from './menu.js';
import { createPalette } from './palette.js';
import { consoleLink, firstAction, foundRow, readRole } from './rows.js';
import { createIndex, roleNames, search } from './search.js';
import { startStars } from './stars.js';
import { fill } from './words.js';

const mostResults = 12;
const mostSelected = 20;

const toolbar = document.getElementById('toolbar');
if (toolbar) start(toolbar, toolbar.dataset);

function start(bar, texts) {
  const overview = document.getElementById('overview');
  const namesOf = (role) => roleNames({ ...role, name: role.path });
  const roles = once(() => createIndex([...overview.querySelectorAll('.account .role')].map(readRole), namesOf));
  const find = startSearch(texts, overview, roles);
  startArrows(find);
  showLastUsed(overview);
  startStars(texts, overview);
  startSelection(bar, texts, overview);
  startFolding(overview);
  startMenu(texts);
  const openPalette = startPalette(texts, roles, find);
  document.getElementById('open-palette').addEventListener('click', openPalette);
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      openPalette();
    } else if (event.key === '/' && !isTyping(event.target) && !document.querySelector('dialog[open]')) {
      event.preventDefault();
      find.field.focus();
      find.field.select();
    }
  });
  // Before the first key is pressed, when there is nothing else to do.
  (window.requestIdleCallback ?? setTimeout)(roles);
}

function startSearch(texts, overview, roles) {
  const field = document.getElementById('search');
  const results = document.getElementById('results');
  const status = document.getElementById('find-status');
  const all = document.getElementById('find-all');
  document.getElementById('find').hidden = false;
  document.getElementById('find-hint').hidden = false;
  let best = [];
  const show = (most = mostResults) => {
    const query = field.value.trim();
    const found = query === '' ? { total: 0, best: [] } : search(roles(), query, most);
    best = found.best;
    results.replaceChildren(...best.map((role) => foundRow(role, query)));
    results.hidden = query === '';
    overview.hidden = query !== '';
    status.textContent = query === '' ? '' : foundWords(texts, found);
    all.hidden = found.total === best.length;
    all.textContent = fill(texts.findAll, found.total);
  };
  all.addEventListener('click', () => {
    const seen = best.length;
    show(Number.POSITIVE_INFINITY);
    // The button is gone; what it brought begins here.
    firstAction(results.children[seen]).focus();
  });
  field.addEventListener('input', () => show());
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.isComposing && best.length > 0) {
      event.preventDefault();
      openConsole(best[0], results.querySelector('.role'));
    } else if (event.key === 'Escape' && field.value !== '') {
      event.preventDefault();
      field.value = '';
      show();
    }
  });
  // The browser may have kept what was typed before the way back.
  if (field.value !== '') show();
  return { field, container: () => (overview.hidden ? results : overview) };
}

function foundWords(texts, { total, best }) {
  if (total === 0) return texts.findNothing;
  return total === best.length ? fill(texts.findCount, total) : fill(texts.findBest, best.length, total);
}

/** In production nothing opens by a key pressed too early: the button is focused, and asks for the key once more. */
function openConsole({ isProduction }, row) {
  const button = firstAction(row);
  if (isProduction) button.focus();
  else button.click();
}

/** Up and down go from role to role, from the search field and back to it. */
function startArrows({ field, container }) {
  document.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const from = event.target.closest?.('.role');
    const isOurs = from ? !event.target.matches('input[type=text]') : event.target === field;
    if (step === undefined || !isOurs || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [
      ...container().querySelectorAll(
        '.quick:not([hidden]) > ul:not([hidden]) > .role, .roles:not([hidden]) > .role, :scope > .role',
      ),
    ];
    const next = (from ? rows.indexOf(from) : -1) + step;
    if (next < -1 || next >= rows.length || (!from && step < 0)) return;
    event.preventDefault();
    (next < 0 ? field : firstAction(rows[next])).focus();
  });
}

function startSelection(bar, texts, overview) {
  const form = bar.querySelector('#several');
  const button = form.querySelector('button');
  const count = document.getElementById('several-count');
  const show = () => {
    const selected = overview.querySelectorAll('.account input[type=checkbox]:checked').length;
    form.hidden = selected === 0;
    document.documentElement.classList.toggle('with-selection', selected > 0);
    button.disabled = selected > mostSelected;
    const parts = [fill(texts.count, selected), selected > mostSelected && texts.most];
    count.textContent = parts.filter(Boolean).join(' – ');
  };
  form.classList.add('floating');
  offerUntilEvening(form.elements.durationSeconds, texts.until);
  overview.addEventListener('change', ({ target }) => target.type === 'checkbox' && show());
  show();
}

function startPalette(texts, roles, { field }) {
  const click = (selector) => (role) => role.row.querySelector(selector)?.click();
  const actions = [
    { name: texts.console, run: ({ row }) => firstAction(row).click() },
    { name: texts.credentials, run: click('.actions > .quiet:not([name=choose])') },
    { name: texts.options, run: ({ row }) => location.assign(row.querySelector('.more').href) },
    { name: texts.link, run: ({ row }) => copyLink(consoleLink(row), texts) },
    { name: document.getElementById('favourites-title').textContent, run: click('.star') },
  ];
  const several = document.querySelector('#several button');
  const signOut = document.querySelector('form[action="/logout"] button');
  const commands = [
    { name: document.querySelector('label[for=search]').textContent, run: () => field.focus() },
    { name: several.textContent, run: () => several.form.hidden || several.click() },
    ...(signOut ? [{ name: signOut.textContent, run: () => signOut.click() }] : []),
  ];
  return createPalette({
    texts: { title: texts.palette, field: texts.paletteField, nothing: texts.paletteNothing },
    roles,
    actions,
    commands,
  });
}

async function copyLink(href, texts) {
  const status = document.getElementById('find-status');
  try {
    await navigator.clipboard.writeText(href);
    status.textContent = texts.linkCopied;
  } catch {
    // Without permission the address is shown, and can be copied by hand.
    status.textContent = href;
  }
}

function once(make) {
  let made;
  return () => {
    made ??= make();
    return made;
  };
}

const isTyping = (target) => target.matches?.('input:not([type=checkbox]), textarea, select, [contenteditable]');
