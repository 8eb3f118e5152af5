// Finding among thousands of names while somebody types: every word has to fit somewhere, the best fit comes first.
// Knows no page: entries in, entries out.

const weights = { start: 100, word: 80, inside: 60, letters: 20 };

const plain = (text) => text.normalize('NFKC').toLowerCase();
const isBreak = (character) => character === undefined || !/[\p{L}\p{N}]/u.test(character);

/** Makes the list searchable. `fieldsOf` gives an entry's names, the most telling first. */
export function createIndex(entries, fieldsOf) {
  return entries.map((entry) => {
    const fields = fieldsOf(entry).filter(Boolean).map(plain);
    return { entry, fields, all: fields.join('\n') };
  });
}

/** The entries that fit, best first, as `{ total, best }` with at most `limit` of them. */
export function search(index, query, limit) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const found = [];
  for (let place = 0; place < index.length; place++) {
    const score = scoreOf(index[place], words);
    if (score > 0) found.push({ score, place });
  }
  // In the order of the page where two fit equally well.
  found.sort((a, b) => b.score - a.score || a.place - b.place);
  return { total: found.length, best: found.slice(0, limit).map(({ place }) => index[place].entry) };
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

function wordScore({ fields, all }, word) {
  // Most entries fall here: one look for the word, and one walk for its letters.
  if (!all.includes(word)) return lettersScore(fields, word);
  let best = 0;
  for (let place = 0; place < fields.length && best < weights.start; place++) {
    best = Math.max(best, insideScore(fields[place], word) - place);
  }
  return best;
}

function insideScore(field, word) {
  const at = field.indexOf(word);
  if (at < 0) return 0;
  if (at === 0) return weights.start + (field.length === word.length ? 10 : 0);
  for (let next = at; next >= 0; next = field.indexOf(word, next + 1)) {
    if (isBreak(field[next - 1])) return weights.word;
  }
  return weights.inside;
}

/** `pprd` finds payments-prod: the letters in their order, the first of them at the start of a word. */
function lettersScore(fields, word) {
  if (word.length < 2 || /^\d+$/.test(word)) return 0;
  for (let place = 0; place < fields.length; place++) {
    const gaps = gapsOf(fields[place], word);
    if (gaps >= 0) return Math.max(1, weights.letters - gaps - place);
  }
  return 0;
}

function gapsOf(field, word) {
  let at = -1;
  let gaps = 0;
  for (let index = 0; index < word.length; index++) {
    const next = field.indexOf(word[index], at + 1);
    if (next < 0) return -1;
    if (index === 0 && !isBreak(field[next - 1])) return -1;
    if (index > 0 && next > at + 1) gaps += isBreak(field[next - 1]) ? 0 : 2;
    at = next;
  }
  return gaps <= word.length * 2 ? gaps : -1;
}
