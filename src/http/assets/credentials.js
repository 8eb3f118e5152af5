// The page of credentials: tabs, copying, the countdown, and new credentials in place. The page works without it.
import { makeTabs } from './tabs.js';

const page = document.querySelector('.credentials');
const { text, ...facts } = JSON.parse(page.dataset.facts);
const language = document.documentElement.lang;
const byId = (id) => document.getElementById(id);
const fill = (template, ...values) => template.replace(/\{(\d)\}/g, (_, index) => values[Number(index)]);
const say = (words) => {
  byId('notice').textContent = words;
};

// --- Copying: what is copied are the real values, also behind dots. ---

function makeCopy(button) {
  const name = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const lines = byId(button.dataset.lines);
    say('');
    try {
      await navigator.clipboard.writeText(`${lines.textContent}\n`);
    } catch {
      byId('reveal').checked = true;
      getSelection().selectAllChildren(lines);
      say(text.copyFailed);
      return;
    }
    say(button.dataset.done);
    button.textContent = text.copied;
    setTimeout(() => {
      button.textContent = name;
    }, 2000);
  });
}

function nameProfile() {
  byId('profile-field').hidden = false;
  byId('profile').addEventListener('input', ({ target }) => {
    target.setAttribute('aria-invalid', String(!target.validity.valid));
    if (target.validity.valid) setSlot('profile', target.value);
  });
}

function setSlot(slot, value) {
  for (const place of page.querySelectorAll(`[data-slot="${slot}"]`)) place.textContent = value;
}

// A browser may keep the page for its back button, also beyond the end of the session: then without the secrets.
addEventListener('pagehide', () => {
  setSlot('secretAccessKey', '');
  setSlot('sessionToken', '');
});

// --- Time ---

const minute = 60_000;
const warnBefore = 5 * minute;
const isCalm = matchMedia('(prefers-reduced-motion: reduce)');
let endsAt = Date.now() + facts.leftMs;
let hasWarned = false;
let hasEnded = false;

function length(milliseconds, { seconds } = { seconds: false }) {
  const all = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [
    [text.hours, Math.floor(all / 3600)],
    [text.minutes, Math.floor((all % 3600) / 60)],
    [text.seconds, seconds ? all % 60 : 0],
  ];
  return parts
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => fill(unit, count))
    .join(' ');
}

function countDown() {
  const left = endsAt - Date.now();
  const shown = byId('left');
  // Nothing ticks for those who asked for less motion: whole minutes, rounded up.
  const rest = isCalm.matches ? length(Math.ceil(left / minute) * minute) : length(left, { seconds: true });
  const words = left > 0 && rest !== '' ? fill(text.left, rest) : text.endedMark;
  if (shown.textContent !== words) shown.textContent = words;
  shown.classList.toggle('soon', left <= warnBefore);
  if (left <= 0) {
    if (!hasEnded) say(text.ended);
    hasEnded = true;
  } else if (left <= warnBefore && !hasWarned) {
    hasWarned = true;
    say(fill(text.endSoon, length(Math.ceil(left / minute) * minute)));
  }
}

function showUntil(date) {
  const until = byId('until');
  until.dateTime = date.toISOString();
  until.textContent = date.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'short' });
}

/** A choice "until 18:00", where that is at least the 15 minutes that STS gives. */
function offerUntilEvening(select) {
  const evening = new Date();
  evening.setHours(18, 0, 0, 0);
  const secondsLeft = () => Math.min(43_200, Math.floor((evening.getTime() - Date.now()) / 1000));
  if (secondsLeft() < 900) return;
  const clock = evening.toLocaleTimeString(language, { hour: 'numeric', minute: '2-digit', hourCycle: 'h23' });
  const option = new Option(fill(text.until, clock), String(secondsLeft()));
  option.dataset.until = '18:00';
  select.insertBefore(option, select.lastElementChild);
  select.form.addEventListener('submit', () => {
    option.value = String(Math.max(900, secondsLeft()));
  });
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
  if (!answer.ok) return showProblem(document);
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
  endsAt = Date.now() + given * 1000;
  hasWarned = given * 1000 <= warnBefore;
  hasEnded = false;
  const isClamped = asked > given && why !== 'request';
  byId('clamped').textContent = isClamped ? fill(text.clamped[why], length(asked * 1000), length(given * 1000)) : '';
  byId('length').textContent = fill(text.lengthWhy, length(given * 1000), text.limitedBy[why]);
  byId('limited').textContent = wish.sessionPolicy ? fill(text.limited, policyLabel) : '';
  const until = new Date(issued.Expiration);
  showUntil(until);
  countDown();
  say(fill(text.renewed, until.toLocaleTimeString(language, { timeStyle: 'short' })));
}

function showProblem({ title, detail, code, requestId }) {
  const way = { unauthenticated: facts.signInUrl, step_up_required: facts.stepUpUrl }[code];
  const parts = [paragraph(title, 'strong'), paragraph(detail)];
  if (way !== undefined) parts.push(link(way, text.signInAgain));
  else parts.push(paragraph(`${text.requestId} ${requestId}`, 'span', 'muted'));
  byId('problem').replaceChildren(...parts);
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
      byId('problem').replaceChildren(paragraph(text.unreachable));
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
for (const button of page.querySelectorAll('button[data-lines]')) makeCopy(button);
nameProfile();
offerUntilEvening(byId('renew').elements.durationSeconds);
renewInPlace(byId('renew'));
countDown();
setInterval(countDown, 1000);
