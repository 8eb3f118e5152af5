// A choice "until 18:00" among the durations, where that is at least the 15 minutes that STS gives.
import { fill } from './words.js';

/** `words` with {0} for the time. */
export function offerUntilEvening(select, words) {
  const evening = new Date();
  evening.setHours(18, 0, 0, 0);
  const secondsLeft = () => Math.min(43_200, Math.floor((evening.getTime() - Date.now()) / 1000));
  if (secondsLeft() < 900) return;
  const clock = evening.toLocaleTimeString(document.documentElement.lang, {
    hour: 'numeric',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const option = new Option(fill(words, clock), String(secondsLeft()));
  option.dataset.until = '18:00';
  select.insertBefore(option, select.lastElementChild);
  select.form.addEventListener('submit', () => {
    option.value = String(Math.max(900, secondsLeft()));
  });
}
