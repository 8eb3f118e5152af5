// Favourites: kept by the server, drawn here.
import { startOrder } from './order.js';
import { quickRow, readRole } from './rows.js';

/** A star is drawn at once, and taken back if the server could not keep it. */
export function startStars(texts, overview) {
  const showOrder = startOrder(texts);
  const draw = (roleArn, isFavourite) => drawStars(overview, roleArn, isFavourite, showOrder);
  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('button.star');
    if (!button) return;
    event.preventDefault();
    const roleArn = button.form.querySelector('input[type=hidden]').value;
    const isFavourite = button.getAttribute('aria-pressed') !== 'true';
    draw(roleArn, isFavourite);
    try {
      const body = new URLSearchParams({ roleArn, favourite: isFavourite ? 'on' : 'off' });
      const answer = await fetch(button.formAction, { method: 'POST', headers: { Accept: 'application/json' }, body });
      if (!answer.ok) throw new Error(String(answer.status));
    } catch {
      draw(roleArn, !isFavourite);
      document.getElementById('find-status').textContent = texts.failed;
    }
  });
}

function drawStars(overview, roleArn, isFavourite, showOrder) {
  const inputs = document.querySelectorAll(`input[type=hidden][name=roleArn][value="${CSS.escape(roleArn)}"]`);
  for (const input of inputs) {
    const button = input.form.querySelector('.star');
    if (!button) continue;
    button.setAttribute('aria-pressed', String(isFavourite));
    button.value = isFavourite ? 'off' : 'on';
  }
  showOrder(drawFavourites(overview, roleArn, isFavourite));
}

/** Returns the row that was added, if one was. */
function drawFavourites(overview, roleArn, isFavourite) {
  let added;
  const section = document.getElementById('favourites');
  const list = section.querySelector('ul');
  const there = [...list.children].find((row) => row.querySelector('input[type=hidden]').value === roleArn);
  if (isFavourite && !there) {
    const boxes = [...overview.querySelectorAll('.account input[type=hidden]')];
    const row = boxes.find((box) => box.value === roleArn)?.closest('.role');
    if (row) {
      const role = readRole(row);
      const copy = quickRow(role);
      list.append(copy);
      added = { ...role, row: copy };
    }
  } else if (!isFavourite && there) {
    // The focus goes on to where the star still is.
    const hasFocus = there.contains(document.activeElement);
    there.remove();
    if (hasFocus) (list.querySelector('.star') ?? document.getElementById('search')).focus();
  }
  section.hidden = list.children.length === 0;
  return added;
}
