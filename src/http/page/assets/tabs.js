// Makes tabs of a list of <details data-shell>, after the ARIA Authoring Practices: one stop of the Tab key, arrows move
// and select. What was chosen last is chosen again.

export function makeTabs(container, { labelledBy, storageKey, usual }) {
  const list = document.createElement('div');
  list.className = 'tabs';
  list.setAttribute('role', 'tablist');
  list.setAttribute('aria-labelledby', labelledBy);
  const blocks = [...container.querySelectorAll('details')];
  const tabs = blocks.map((block) => makeTab(list, block));
  container.prepend(list);
  const select = (chosen, { focus }) => {
    for (const tab of tabs) {
      const isChosen = tab === chosen;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      document.getElementById(tab.getAttribute('aria-controls')).hidden = !isChosen;
    }
    if (focus) chosen.focus();
  };
  const choose = (tab, options) => {
    select(tab, options);
    rememberChoice(storageKey, tab.dataset.shell);
  };
  const named = (shell) => tabs.find((tab) => tab.dataset.shell === shell);
  select(named(readChoice(storageKey)) ?? named(usual), { focus: false });
  list.addEventListener('click', ({ target }) => {
    if (tabs.includes(target)) choose(target, { focus: false });
  });
  list.addEventListener('keydown', (event) => {
    const at = tabs.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    choose(tabs.at(to % tabs.length), { focus: true });
  });
}

function makeTab(list, block) {
  const { shell } = block.dataset;
  const tab = document.createElement('button');
  const panel = document.createElement('div');
  tab.type = 'button';
  tab.id = `tab-${shell}`;
  tab.dataset.shell = shell;
  tab.textContent = block.querySelector('summary').textContent;
  tab.setAttribute('role', 'tab');
  tab.setAttribute('aria-controls', `panel-${shell}`);
  panel.id = `panel-${shell}`;
  panel.className = 'panel';
  panel.setAttribute('role', 'tabpanel');
  panel.setAttribute('aria-labelledby', tab.id);
  block.querySelector('summary').remove();
  panel.append(...block.childNodes);
  block.replaceWith(panel);
  list.append(tab);
  return tab;
}

function readChoice(storageKey) {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null; // storage can be switched off
  }
}

function rememberChoice(storageKey, shell) {
  try {
    localStorage.setItem(storageKey, shell);
  } catch {
    // then the next page begins with the usual tab
  }
}
