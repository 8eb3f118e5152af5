// Secrets that a test knows, and the search for them in whatever the broker gives out: as they are and in the usual encodings.
import { Buffer } from 'node:buffer';

/** Long enough not to occur by chance; a part that leaks is found as well. */
const windowLength = 24;

/** What the secret looks like in outputs. @returns texts, each enough to give it away */
function formsOf(secret: string): string[] {
  return [...new Set(windows(secret).flatMap((part) => encodings(part)))];
}

function windows(secret: string): string[] {
  if (secret.length < 12) throw new RangeError('too short to be recognised');
  if (secret.length <= windowLength * 2) return [secret];
  const middle = Math.floor((secret.length - windowLength) / 2);
  return [0, middle, secret.length - windowLength].map((at) => secret.slice(at, at + windowLength));
}

function encodings(text: string): string[] {
  const bytes = Buffer.from(text);
  const url = encodeURIComponent(text);
  const json = JSON.stringify(text).slice(1, -1);
  return [text, url, url.replace(/%../g, (code) => code.toLowerCase()), json, ...hex(bytes), ...base64(bytes)];
}

function hex(bytes: Buffer): string[] {
  return [bytes.toString('hex'), bytes.toString('hex').toUpperCase()];
}

/** Base64 in the midst of other bytes: three alignments, without the letters that neighbours have a part in. */
function base64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const own = text.slice(before === 0 ? 0 : before + 1, text.length - 1);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** @returns the names of the secrets that an output contains, with the name of the output */
export function leaks(secrets: Readonly<Record<string, string>>, outputs: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = formsOf(secret);
    return Object.entries(outputs)
      .filter(([, text]) => forms.some((form) => text.includes(form)))
      .map(([output]) => `${name} in ${output}`);
  });
}
