// Conveniences; every page works without them.
import { showCopied } from './copied.js';

for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const lines = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(`${lines.textContent}\n`);
    showCopied(button, button.dataset.copied);
  });
}
for (const time of document.querySelectorAll('time[datetime]')) {
  const at = new Date(time.dateTime);
  const isToday = at.toDateString() === new Date().toDateString();
  // Of a role's last use the day is enough, and of today the time.
  const hasDay = time.dataset.precision !== 'day' || !isToday;
  const hasTime = time.dataset.precision !== 'day' || isToday;
  time.textContent = at.toLocaleString(document.documentElement.lang, {
    ...(hasDay ? { dateStyle: 'medium' } : {}),
    ...(hasTime ? { timeStyle: 'short' } : {}),
  });
}
// The user's menu closes like any other: with Escape, and with a click beside it.
const userMenu = document.querySelector('details.person');
addEventListener('click', ({ target }) => {
  if (userMenu?.open && !userMenu.contains(target)) userMenu.open = false;
});
userMenu?.addEventListener('keydown', ({ key }) => {
  if (key !== 'Escape') return;
  userMenu.open = false;
  userMenu.querySelector('summary').focus();
});
