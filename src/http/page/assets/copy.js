// Copying lines with secrets: copies the real values, also behind dots. Leaving the page removes all of them.

import { showCopied } from './copied.js';

/** Makes every copy button on the page work. `say` tells the reader what happened. */
export function makeCopies(text, say) {
  for (const button of document.querySelectorAll('button[data-lines]')) makeCopy(button, text, say);
}

function makeCopy(button, text, say) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const lines = document.getElementById(button.dataset.lines);
    say('');
    try {
      await navigator.clipboard.writeText(`${lines.textContent}\n`);
    } catch {
      document.getElementById('reveal').checked = true;
      getSelection().selectAllChildren(lines);
      say(text.copyFailed);
      return;
    }
    say(button.dataset.done);
    showCopied(button, text.copied);
  });
}

export function setSlot(slot, value) {
  for (const place of document.querySelectorAll(`[data-slot="${slot}"]`)) place.textContent = value;
}

// A browser may keep the page for its back button, also beyond the end of the session: then without the secrets.
addEventListener('pagehide', () => {
  setSlot('secretAccessKey', '');
  setSlot('sessionToken', '');
});
