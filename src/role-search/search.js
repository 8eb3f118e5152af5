// How roles are found by words, in the portal, on the command line and by the API: every word has to fit somewhere, the best
// fit comes first. People get what comes close if nothing has the words as typed, programs do not. Plain JavaScript, since
// browsers get this very file; knows no page: entries in, entries out.
import { typoRange } from './typo.js';

const weights = { start: 100, word: 80, inside: 60, typo: 40, letters: 20 };

const plain = (text) => text.normalize('NFKC').toLowerCase();
const isBreak = (character) => character === undefined || !/[\p{L}\p{N}]/u.test(character);
// An ARN is pasted for its account and role.
const nameOf = (query) =>
  plain(query)
    .trim()
    .replace(/^arn:[a-z-]+:iam::(\d{12}):role\//, '$1/');
// A name is often typed as it is shown: account/role.
const wordsOf = (query) =>
  nameOf(query)
    .split(/[\s/]+/)
    .filter(Boolean);

/** What of a role is searched, the most telling first. */
export const roleNames = ({ account, name, alias, id, environment, labels }) => [
  account,
  name,
  alias,
  id,
  environment,
  ...labels,
  // As it is shown, so that letters of both find it: `prodadm`.
  `${alias}/${name}`,
  `${id}/${name}`,
];

/** Makes the list searchable. `fieldsOf` gives an entry's names, the most telling first. */
export function createIndex(entries, fieldsOf) {
  return entries.map((entry) => {
    const fields = fieldsOf(entry).filter(Boolean).map(plain);
    return { entry, fields, all: fields.join('\n') };
  });
}

/** The entries that fit, best first, as `{ total, best }` with at most `limit` of them. */
export function search(index, query, limit) {
  const words = wordsOf(query).map((word) => createWord(index, word));
  const candidates = literal(index, query);
  const found = [];
  for (const [place, item] of (candidates.length > 0 ? candidates : index).entries()) {
    const score = scoreOf(item, words);
    if (score > 0) found.push({ score, place, entry: item.entry });
  }
  // In the order of the page where two fit equally well.
  found.sort((a, b) => b.score - a.score || a.place - b.place);
  return { total: found.length, best: found.slice(0, limit).map(({ entry }) => entry) };
}

/** The entries that contain every word as it was typed, in their order. */
export function withWords(index, query) {
  return literal(index, query).map(({ entry }) => entry);
}

/** The entry of this whole name, and otherwise those that contain every word: `dev/Developer` is not `dev/DeveloperPlus`. */
function literal(index, query) {
  const name = nameOf(query);
  const named = name.includes('/') ? index.filter(({ fields }) => fields.includes(name)) : [];
  if (named.length > 0) return named;
  const words = wordsOf(query);
  return index.filter(({ all }) => words.every((word) => all.includes(word)));
}

/** What of a text made it fit, as `[start, end]` in its order. Nothing where normalizing moves its letters. */
export function rangesIn(text, query) {
  const field = plain(text);
  if (field.length !== text.length) return [];
  const marked = new Set();
  for (const word of wordsOf(query)) {
    for (const [start, end] of wordRanges(field, word)) for (let at = start; at < end; at++) marked.add(at);
  }
  const ranges = [];
  for (const at of [...marked].sort((a, b) => a - b)) {
    if (ranges.at(-1)?.[1] === at) ranges.at(-1)[1] = at + 1;
    else ranges.push([at, at + 1]);
  }
  return ranges;
}

function wordRanges(field, word) {
  const inside = insidePlace(field, word);
  if (inside >= 0) return [[inside, inside + word.length]];
  const typo = mayBeMistyped(word) ? typoRange(field, word, isBreak) : undefined;
  if (typo) return [typo];
  return isSpelledOut(word) ? (lettersOf(field, word)?.places ?? []).map((at) => [at, at + 1]) : [];
}

/** A word that an entry contains as it was typed is not a typing error. */
function createWord(index, word) {
  const isMistyped = mayBeMistyped(word) && !index.some(({ all }) => all.includes(word));
  const typos = new Map();
  const hasTypo = (field) => {
    if (!isMistyped) return false;
    // The roles of an account have most of their names in common.
    if (!typos.has(field)) typos.set(field, typoRange(field, word, isBreak) !== undefined);
    return typos.get(field);
  };
  return { word, hasTypo };
}

function scoreOf(item, words) {
  let sum = words.length === 0 ? 1 : 0;
  for (const word of words) {
    const score = wordScore(item, word);
    if (score === 0) return 0;
    sum += score;
  }
  return sum;
}

function wordScore({ fields, all }, { word, hasTypo }) {
  // Most entries fall here: one look for the word, and one walk for its letters.
  if (!all.includes(word)) return Math.max(typoScore(fields, hasTypo), lettersScore(fields, word));
  let best = 0;
  for (let place = 0; place < fields.length && best < weights.start; place++) {
    best = Math.max(best, insideScore(fields[place], word) - place);
  }
  return best;
}

function typoScore(fields, hasTypo) {
  const place = fields.findIndex(hasTypo);
  return place < 0 ? 0 : Math.max(1, weights.typo - place);
}

function insideScore(field, word) {
  const at = insidePlace(field, word);
  if (at < 0) return 0;
  if (at === 0) return weights.start + (field.length === word.length ? 10 : 0);
  return isBreak(field[at - 1]) ? weights.word : weights.inside;
}

/** The position of the word: at the start of a word, if there is one. */
function insidePlace(field, word) {
  const first = field.indexOf(word);
  for (let next = first; next >= 0; next = field.indexOf(word, next + 1)) {
    if (isBreak(field[next - 1])) return next;
  }
  return first;
}

/** An id is exact or it is another account's. */
function mayBeMistyped(word) {
  return word.length >= 4 && !/^\d+$/.test(word);
}

function isSpelledOut(word) {
  return word.length >= 2 && !/^\d+$/.test(word);
}

/** `pprd` finds payments-prod: the letters in their order, the first of them at the start of a word. */
function lettersScore(fields, word) {
  if (!isSpelledOut(word)) return 0;
  for (let place = 0; place < fields.length; place++) {
    const letters = lettersOf(fields[place], word);
    if (letters) return Math.max(1, weights.letters - letters.gaps - place);
  }
  return 0;
}

function lettersOf(field, word) {
  const places = [];
  let at = -1;
  let gaps = 0;
  for (let index = 0; index < word.length; index++) {
    const next = field.indexOf(word[index], at + 1);
    if (next < 0) return undefined;
    if (index === 0 && !isBreak(field[next - 1])) return undefined;
    if (index > 0 && next > at + 1) gaps += isBreak(field[next - 1]) ? 0 : 2;
    at = next;
    places.push(at);
  }
  return gaps <= word.length * 2 ? { gaps, places } : undefined;
}
