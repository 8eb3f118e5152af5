// The page of credentials for several roles: tabs, copying, the countdown to the first end.
import { makeCopies } from './copy.js';
import { startCountdown } from './countdown.js';
import { offerUntilEvening } from './evening.js';
import { makeTabs } from './tabs.js';

const shells = document.getElementById('shells');
if (shells) {
  const { text, leftMs } = JSON.parse(document.querySelector('.credentials').dataset.facts);
  const say = (words) => {
    document.getElementById('notice').textContent = words;
  };
  makeTabs(shells, { labelledBy: 'forms', storageKey: 'rolegate-several-form', usual: 'profile' });
  makeCopies(text, say);
  startCountdown(leftMs, text, say);
  offerUntilEvening(document.getElementById('renew').elements.durationSeconds, text.until);
}
