// The page of credentials: tabs, copying, the countdown, and new credentials in place. The page works without it.
import { makeCopies, setSlot } from './copy.js';
import { startCountdown } from './countdown.js';
import { offerUntilEvening } from './evening.js';
import { makeIcon } from './icon.js';
import { makeTabs } from './tabs.js';
import { fill, length } from './words.js';

const page = document.querySelector('.credentials');
const { text, ...facts } = JSON.parse(page.dataset.facts);
const language = document.documentElement.lang;
const byId = (id) => document.getElementById(id);
const words = (seconds) => length(text, seconds * 1000);
const say = (message) => {
  byId('notice').textContent = message;
};

function nameProfile() {
  const inputs = [...page.querySelectorAll('.profile-field input')];
  for (const input of inputs) {
    input.parentElement.hidden = false;
    input.addEventListener('input', () => {
      for (const each of inputs) {
        each.value = input.value;
        each.setAttribute('aria-invalid', String(!input.validity.valid));
      }
      if (input.validity.valid) setSlot('profile', input.value);
    });
  }
}

function showUntil(date) {
  const until = byId('until');
  until.dateTime = date.toISOString();
  until.textContent = date.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

// --- New credentials in place ---

async function renew(form) {
  const { roleArn, durationSeconds, sessionPolicy } = Object.fromEntries(new FormData(form));
  const wish = {
    roleArn,
    ...(durationSeconds ? { durationSeconds: Number(durationSeconds) } : {}),
    ...(sessionPolicy ? { sessionPolicy } : {}),
  };
  const answer = await fetch('/api/v1/credentials', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify(wish),
  });
  const document = await answer.json();
  if (!answer.ok) return showProblem(document, wish);
  return showCredentials(document, wish, form.elements.sessionPolicy?.selectedOptions[0].textContent);
}

function showCredentials(issued, wish, policyLabel) {
  const given = issued.DurationSeconds;
  const why = issued.DurationLimitedBy;
  const asked = wish.durationSeconds ?? facts.maxSeconds;
  setSlot('accessKeyId', issued.AccessKeyId);
  setSlot('secretAccessKey', issued.SecretAccessKey);
  setSlot('sessionToken', issued.SessionToken);
  setSlot('expiration', issued.Expiration);
  const isClamped = asked > given && why !== 'request';
  byId('clamped').textContent = isClamped ? fill(text.clamped[why], words(asked), words(given)) : '';
  byId('length').textContent = fill(text.lengthWhy, words(given), text.limitedBy[why]);
  byId('limited').textContent = wish.sessionPolicy ? fill(text.limited, policyLabel) : '';
  const until = new Date(issued.Expiration);
  showUntil(until);
  restart(given * 1000);
  say(fill(text.renewed, until.toLocaleTimeString(language, { timeStyle: 'short' })));
}

function showProblem({ title, detail, code, requestId }, wish) {
  const way = { unauthenticated: facts.signInUrl, step_up_required: facts.stepUpUrl }[code];
  const parts = [paragraph(title, 'strong'), paragraph(detail)];
  if (way !== undefined) parts.push(link(withWish(way, wish), text.signInAgain));
  else parts.push(paragraph(`${text.requestId} ${requestId}`, 'span', 'muted'));
  fillProblem(...parts);
}

function fillProblem(...parts) {
  parts[0].prepend(makeIcon('warning'), ' ');
  byId('problem').replaceChildren(...parts);
}

/** The sign-in comes back to what was chosen last. */
function withWish(way, { durationSeconds, sessionPolicy }) {
  const login = new URL(way, location.origin);
  const back = new URL(login.searchParams.get('return_to'), location.origin);
  if (durationSeconds) back.searchParams.set('durationSeconds', durationSeconds);
  if (sessionPolicy) back.searchParams.set('sessionPolicy', sessionPolicy);
  login.searchParams.set('return_to', back.pathname + back.search);
  return login.pathname + login.search;
}

function paragraph(words, tag = 'span', className = '') {
  const inner = document.createElement(tag);
  inner.textContent = words;
  inner.className = className;
  const outer = document.createElement('p');
  outer.append(inner);
  return outer;
}

function link(href, words) {
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.className = 'button';
  anchor.textContent = words;
  return anchor;
}

function renewInPlace(form) {
  const button = form.querySelector('button');
  const name = button.textContent;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    // Not `disabled`: that would drop the focus.
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    button.textContent = text.renewing;
    byId('problem').replaceChildren();
    say('');
    try {
      await renew(form);
    } catch {
      fillProblem(paragraph(text.unreachable));
    } finally {
      button.removeAttribute('aria-disabled');
      button.textContent = name;
    }
  });
}

makeTabs(byId('shells'), {
  labelledBy: 'forms',
  storageKey: 'rolegate-credentials-form',
  usual: /^Win/.test(navigator.platform) ? 'powershell' : 'bash',
});
makeCopies(text, say);
nameProfile();
offerUntilEvening(byId('renew').elements.durationSeconds, text.until);
renewInPlace(byId('renew'));
const restart = startCountdown(facts.leftMs, text, say);
