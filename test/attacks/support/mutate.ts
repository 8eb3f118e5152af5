// Mutations of a message's text, some blind and some that know XML. All chance comes from the given function.

/** A number from 0 (included) to 1 (excluded), the next of a sequence that its seed fixes. */
export type Chance = () => number;

/** Mulberry32: small, and good enough to choose mutations. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Mutation = (xml: string, donor: string, chance: Chance) => string;

interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** One to four mutations, one after the other; the donor is a forged message that parts are taken from. */
export function mutate(xml: string, donor: string, chance: Chance): string {
  let mutant = xml;
  for (let left = 1 + Math.floor(chance() * 4); left > 0; left--)
    mutant = pick(mutations, chance)(mutant, donor, chance);
  return mutant;
}

const mutations: readonly Mutation[] = [
  (xml, _, chance) => edit(xml, chance, 1, () => String.fromCharCode(32 + Math.floor(chance() * 95))),
  (xml, _, chance) => edit(xml, chance, 1 + Math.floor(chance() * 60), () => ''),
  (xml, _, chance) => edit(xml, chance, 1 + Math.floor(chance() * 60), (chunk) => chunk + chunk),
  (xml, _, chance) => edit(xml, chance, 1 + Math.floor(chance() * 400), (chunk) => [...chunk].reverse().join('')),
  (xml, _, chance) => edit(xml, chance, 0, () => pick(trinkets, chance)),
  (xml, _, chance) => replaceSpan(xml, chance, (text) => text + text),
  (xml, _, chance) => replaceSpan(xml, chance, () => ''),
  (xml, _, chance) => replaceSpan(xml, chance, (text) => `<x xmlns="urn:x">${text}</x>`),
  (xml, _, chance) =>
    replaceSpan(xml, chance, (text) => text.replace(/^<[\w:]+/, '<renamed').replace(/<\/[\w:]+>$/, '</renamed>')),
  (xml, _, chance) => replaceSpan(xml, chance, (text) => text.replace(/^<([\w:]+)/, '<$1 xmlns="urn:x"')),
  (xml, _, chance) =>
    replaceSpan(xml, chance, (text) =>
      text.replace(/^(<[\w:]+)/, `$1 ${pick(['ID', 'Id', 'xml:id'], chance)}="_assertion"`),
    ),
  (xml, _, chance) => replaceSpan(xml, chance, (text) => text.replace(/>/, `>${pick(trinkets, chance)}`)),
  moveSpan,
  swapSpans,
  crossOver,
  (xml, donor, chance) => replaceSpan(xml, chance, (text) => text + spanText(donor, pick(spansOf(donor), chance))),
  (xml, _, chance) =>
    replaceAttribute(xml, chance, () => pick(['', '_assertion', '_response', '#_assertion', '2.0', 'urn:x'], chance)),
  (xml, _, chance) => replaceAttribute(xml, chance, () => pick([...xml.matchAll(/="([^"]*)"/g)], chance)[1]!),
  (xml, _, chance) => xml.replaceAll(pick(['ds:', 'samlp:'], chance), pick(['', 'x:', 'samlp:', 'ds:'], chance)),
  (xml, _, chance) => xml.replace(/ xmlns(:\w+)?="[^"]*"/, (found) => (chance() < 0.5 ? '' : found + found)),
  (xml) => xml.replaceAll('alice@', 'admin@'),
  (xml) => xml.replaceAll('AWS-Dev', 'AWS-Admin'),
];

const trinkets = [
  '<!-- x -->',
  '<?x y?>',
  '<![CDATA[x]]>',
  '&amp;',
  '&#0;',
  '&evil;',
  '\0',
  '\ud800',
  ' ',
  '\r\n',
  '<a/>',
  '<a ',
  '<',
  '>',
  '"',
  ']]>',
  '<!DOCTYPE x>',
  '\ufeff',
  '<NameID>admin@corp.example</NameID>',
];

/** One of the values, each as likely as the others. */
export function pick<T>(values: readonly T[], chance: Chance): T {
  return values[Math.floor(chance() * values.length)]!;
}

function edit(xml: string, chance: Chance, length: number, change: (chunk: string) => string): string {
  const at = Math.floor(chance() * (xml.length + 1));
  return xml.slice(0, at) + change(xml.slice(at, at + length)) + xml.slice(at + length);
}

/** The elements of the text; of a text that is no longer XML, whatever looks like one. */
function spansOf(xml: string): Span[] {
  const open: { name: string; start: number }[] = [];
  const spans: Span[] = [];
  for (const { 0: tag, 1: close, 2: name, 3: empty, index } of xml.matchAll(/<(\/?)([\w:]+)(?:[^<>]*?)(\/?)>/g)) {
    const end = index + tag.length;
    if (close === '' && empty === '') open.push({ name: name!, start: index });
    else if (close === '') spans.push({ name: name!, start: index, end });
    else if (open.at(-1)?.name === name) spans.push({ ...open.pop()!, end });
  }
  return spans.length > 0 ? spans : [{ name: '', start: 0, end: xml.length }];
}

function spanText(xml: string, { start, end }: Span): string {
  return xml.slice(start, end);
}

function replaceSpan(xml: string, chance: Chance, change: (text: string) => string): string {
  const span = pick(spansOf(xml), chance);
  return xml.slice(0, span.start) + change(spanText(xml, span)) + xml.slice(span.end);
}

function moveSpan(xml: string, _donor: string, chance: Chance): string {
  const spans = spansOf(xml);
  const [from, to] = [pick(spans, chance), pick(spans, chance)];
  const text = spanText(xml, from);
  const target = chance() < 0.5 ? to.start : to.end;
  const inserted = xml.slice(0, target) + text + xml.slice(target);
  const shift = target <= from.start ? text.length : 0;
  return inserted.slice(0, from.start + shift) + inserted.slice(from.end + shift);
}

function swapSpans(xml: string, _donor: string, chance: Chance): string {
  const spans = spansOf(xml);
  const [a, b] = [pick(spans, chance), pick(spans, chance)].sort((x, y) => x.start - y.start) as [Span, Span];
  if (a.end > b.start) return xml;
  return xml.slice(0, a.start) + spanText(xml, b) + xml.slice(a.end, b.start) + spanText(xml, a) + xml.slice(b.end);
}

/** An element of the forged message in place of, before or behind the one of that name here. */
function crossOver(xml: string, donor: string, chance: Chance): string {
  const span = pick(spansOf(xml), chance);
  const others = spansOf(donor).filter(({ name }) => name === span.name);
  if (others.length === 0) return xml;
  const evil = spanText(donor, pick(others, chance));
  const own = spanText(xml, span);
  return xml.slice(0, span.start) + pick([evil, evil + own, own + evil], chance) + xml.slice(span.end);
}

function replaceAttribute(xml: string, chance: Chance, value: () => string): string {
  const all = [...xml.matchAll(/="[^"]*"/g)];
  if (all.length === 0) return xml;
  const found = pick(all, chance);
  return `${xml.slice(0, found.index)}="${value()}"${xml.slice(found.index + found[0].length)}`;
}
