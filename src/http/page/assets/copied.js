// A button that copied says so for two seconds.
import { makeIcon } from './icon.js';

export function showCopied(button, words) {
  const label = button.querySelector('span');
  const draw = (name) => button.querySelector('.icon').replaceWith(makeIcon(name));
  // A second press within the two seconds finds the button changed.
  label.dataset.name ??= label.textContent;
  label.textContent = words;
  draw('check');
  setTimeout(() => {
    label.textContent = label.dataset.name;
    draw('copy');
  }, 2000);
}
