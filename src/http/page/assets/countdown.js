// How long credentials still live, in #left, with a notice five minutes before their end.
import { fill, length } from './words.js';

const minute = 60_000;
const warnBefore = 5 * minute;

/** Starts at once. Returns a function that starts again with other milliseconds. */
export function startCountdown(leftMs, text, say) {
  const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
  const shown = document.getElementById('left');
  let endsAt = Date.now() + leftMs;
  let hasWarned = false;
  let hasEnded = false;
  const show = () => {
    const left = endsAt - Date.now();
    // Nothing ticks for those who asked for less motion: whole minutes, rounded up.
    const whole = length(text, Math.ceil(left / minute) * minute);
    const rest = isCalm.matches ? whole : length(text, left, { seconds: true });
    const words = left > 0 && rest !== '' ? fill(text.left, rest) : text.endedMark;
    if (shown.textContent !== words) shown.textContent = words;
    shown.classList.toggle('soon', left <= warnBefore);
    if (left <= 0) {
      if (!hasEnded) say(text.ended);
      hasEnded = true;
    } else if (left <= warnBefore && !hasWarned) {
      hasWarned = true;
      say(fill(text.endSoon, whole));
    }
  };
  show();
  setInterval(show, 1000);
  return (newLeftMs) => {
    endsAt = Date.now() + newLeftMs;
    hasWarned = newLeftMs <= warnBefore;
    hasEnded = false;
    show();
  };
}
