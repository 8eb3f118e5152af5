// Warns before the session ends, in every tab, and shows nothing private from the browser's memory after it has ended.
import { makeIcon } from './icon.js';

const warnMs = 5 * 60_000;
const watch = document.getElementById('session-watch');
const channel = new BroadcastChannel('rolegate-session');

// The back button must not bring a page back as it was: who is signed in may have changed since.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

if (watch) keepWatch(watch);
else if (location.pathname === '/signed-out') channel.postMessage({ user: '' });

function keepWatch({ dataset }) {
  const absoluteEnd = Date.now() + Number(dataset.secondsLeft) * 1000;
  let idleEnd = 0;
  let shown = '';
  const seen = () => {
    idleEnd = Date.now() + Number(dataset.idleSeconds) * 1000;
  };
  seen();
  channel.postMessage({ user: dataset.user });
  channel.addEventListener('message', ({ data }) => {
    if (data.user === dataset.user) seen();
    else show('replaced');
    look();
  });
  const timer = setInterval(look, 2000);
  document.addEventListener('visibilitychange', look);

  function look() {
    if (shown === 'replaced') return clearInterval(timer);
    const end = Math.min(idleEnd, absoluteEnd);
    if (Date.now() >= end) show('ended');
    else if (Date.now() < end - warnMs) show('');
    else show(absoluteEnd <= idleEnd ? 'absolute' : 'idle');
  }

  // Written once for each state: a countdown would be read aloud again and again.
  function show(state) {
    if (state === shown) return;
    shown = state;
    if (state === '') return watch.replaceChildren();
    const end = new Date(Math.min(idleEnd, absoluteEnd));
    const time = end.toLocaleTimeString(document.documentElement.lang, { timeStyle: 'short' });
    const text = document.createElement('p');
    text.textContent = dataset[state].replace('{time}', time).replace('{user}', dataset.user);
    watch.replaceChildren(makeIcon('warning'), text, action(state));
  }

  function action(state) {
    const link = document.createElement('a');
    link.className = 'button';
    link.textContent = { idle: dataset.stay, replaced: dataset.reload }[state] ?? dataset.signIn;
    link.href = state === 'idle' || state === 'replaced' ? dataset.here : dataset.login;
    if (state === 'idle') link.addEventListener('click', stay);
    return link;
  }

  // Any request keeps the session: one that leaves the page as it is.
  async function stay(event) {
    event.preventDefault();
    const answer = await fetch('/api/v1/me', { headers: { Accept: 'application/json' } }).catch(() => undefined);
    if (answer?.ok) {
      seen();
      channel.postMessage({ user: dataset.user });
      look();
      document.getElementById('main')?.focus();
    } else if (answer?.status === 401) show('ended');
  }
}
