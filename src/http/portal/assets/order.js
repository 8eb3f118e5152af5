// The order of favourites: changed with two buttons or by dragging, kept by the server.
import { makeIcon } from './icon.js';
import { fill } from './words.js';

const arnOf = (row) => row?.querySelector('input[type=hidden]').value ?? '';

/** Returns a function to call when rows came or went: `({ row, name, account })` for a row that was added. */
export function startOrder(texts) {
  const list = document.querySelector('#favourites ul');
  const status = document.getElementById('find-status');
  const show = () => {
    const rows = [...list.children];
    rows.forEach((row, place) => {
      const [up, down] = row.querySelectorAll('.move');
      up.disabled = place === 0;
      down.disabled = place === rows.length - 1;
    });
    for (const grip of list.querySelectorAll('.grip')) grip.hidden = rows.length < 2;
  };
  /** Tells the server what the page shows already; `undo` shows it as it was. */
  const keep = async (row, undo) => {
    const name = row.querySelector('strong').textContent;
    status.textContent = fill(texts.moved, name, [...list.children].indexOf(row) + 1, list.children.length);
    show();
    try {
      const body = new URLSearchParams({ roleArn: arnOf(row), before: arnOf(row.nextElementSibling) });
      const answer = await fetch('/portal/favourites', {
        method: 'POST',
        headers: { Accept: 'application/json' },
        body,
      });
      if (!answer.ok) throw new Error(String(answer.status));
    } catch {
      undo();
      show();
      status.textContent = texts.failed;
    }
  };
  list.addEventListener('click', (event) => {
    const button = event.target.closest('.move');
    if (!button) return;
    event.preventDefault();
    const row = button.closest('.role');
    const after = row.nextElementSibling;
    if (button.dataset.way === 'up') row.previousElementSibling?.before(row);
    else after?.after(row);
    // Says by itself when it failed.
    void keep(row, () => list.insertBefore(row, after));
    // Its place in the document has changed, and the focus went with it.
    (button.disabled ? row.querySelector('.move:enabled') : button)?.focus();
  });
  startDragging(list, keep);
  for (const row of list.children) row.querySelector('.moves').prepend(makeGrip());
  show();
  return (added) => {
    if (added) addButtons(added, texts);
    show();
  };
}

function startDragging(list, keep) {
  let dragged;
  let origin;
  list.addEventListener('dragstart', (event) => {
    dragged = event.target.closest?.('.grip') && event.target.closest('.role');
    if (!dragged) return;
    origin = dragged.nextElementSibling;
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', dragged.querySelector('strong').textContent);
    event.dataTransfer.setDragImage(dragged, 0, 0);
    dragged.classList.add('dragged');
  });
  list.addEventListener('dragover', (event) => {
    if (!dragged) return;
    event.preventDefault();
    const over = event.target.closest('#favourites .role');
    if (!over || over === dragged) return;
    const isLater = dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
    over[isLater ? 'after' : 'before'](dragged);
  });
  list.addEventListener('drop', (event) => event.preventDefault());
  list.addEventListener('dragend', (event) => {
    if (!dragged) return;
    const [row, after] = [dragged, origin];
    dragged = undefined;
    row.classList.remove('dragged');
    const isCancelled = event.dataTransfer.dropEffect === 'none';
    if (isCancelled) list.insertBefore(row, after);
    else if (row.nextElementSibling !== after) void keep(row, () => list.insertBefore(row, after));
  });
}

/** For the mouse only: the buttons do the same for everybody. */
function makeGrip() {
  const grip = document.createElement('span');
  grip.className = 'grip bare';
  grip.draggable = true;
  grip.setAttribute('aria-hidden', 'true');
  grip.append(makeIcon('grip'));
  return grip;
}

function addButtons({ row, name, account }, texts) {
  const moves = document.createElement('span');
  moves.className = 'moves';
  moves.append(makeGrip());
  for (const [way, label] of [
    ['up', texts.moveUp],
    ['down', texts.moveDown],
  ]) {
    const button = document.createElement('button');
    button.className = 'move bare';
    button.dataset.way = way;
    button.append(makeIcon(way));
    button.setAttribute('aria-label', fill(label, name, account));
    moves.append(button);
  }
  row.querySelector('.actions').after(moves);
}
