// Every page in every language: chosen by Accept-Language, changed by a form, and the same sentences in all of them.
import { describe, expect, test } from 'vitest';
import { en } from '../../../src/http/page/messages/en.ts';
import { ko } from '../../../src/http/page/messages/ko.ts';
import { languages, messagesFor } from '../../../src/http/page/messages/languages.ts';
import { useApp } from '../support/app.ts';

const createApp = useApp();

/** Every text of a language, those of functions with marks for their values. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function') return [(value as (...marks: string[]) => string)('«1»', '«2»', '«3»')];
  return Object.values(value as object).flatMap(texts);
}

describe('the languages', () => {
  test('have the same texts, and none of them is empty or left in English', () => {
    expect(texts(ko).length).toBe(texts(en).length);
    const same = texts(ko).filter((text, index) => text === texts(en)[index] && text !== '');
    expect(same).toEqual(['fish', 'PowerShell', '~/.aws/credentials', '~/.aws/config']);
  });

  test('use every value that the English text uses', () => {
    const marks = (text: string) => [...text.matchAll(/«\d»/g)].map(([mark]) => mark).sort();
    expect(texts(ko).map(marks)).toEqual(texts(en).map(marks));
  });

  test('are chosen by name before Accept-Language, and English is the last resort', () => {
    expect(messagesFor('ko', () => 'en')).toBe(ko);
    expect(messagesFor(undefined, () => 'ko')).toBe(ko);
    expect(messagesFor('xx', () => false)).toBe(en);
    expect(languages.map(({ language }) => language)).toEqual(['en', 'ko']);
  });
});

const html = { Accept: 'text/html' };

describe('a page', () => {
  test('speaks the language that the browser prefers', async () => {
    const browser = (await createApp()).browser();
    const answer = await browser.get('/signed-out', { ...html, 'Accept-Language': 'ko-KR,ko;q=0.9,en;q=0.5' });
    expect(answer.text).toContain('<html lang="ko"');
    expect(answer.text).toContain(ko.signOut.title);
  });

  test('keeps what was chosen at its foot, and leads back to where that was', async () => {
    const browser = (await createApp()).browser();
    const body = { language: 'ko', theme: 'dark', return_to: '/signed-out' };
    const chosen = await browser.postForm('/portal/appearance', body);
    expect([chosen.status, chosen.get('Location')]).toEqual([303, '/signed-out']);
    const answer = await browser.get('/signed-out', { ...html, 'Accept-Language': 'en' });
    expect(answer.text).toContain('<html lang="ko" data-theme="dark"');
  });

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example'])('never leads back to %s', async (path) => {
    const browser = (await createApp()).browser();
    const answer = await browser.postForm('/portal/appearance', { language: 'en', theme: 'light', return_to: path });
    expect(answer.get('Location')).toBe('/');
  });

  test.each([{ language: 'xx', theme: 'dark' }, { language: 'ko', theme: 'pink' }, {}])('refuses %j', async (body) => {
    const browser = (await createApp()).browser();
    expect((await browser.postForm('/portal/appearance', body)).status).toBe(400);
  });

  test('changes nothing for a form of another site', async () => {
    const browser = (await createApp()).browser();
    const headers = { Origin: 'https://evil.example', 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await browser.send('POST', '/portal/appearance', { headers, body: 'language=ko&theme=dark' });
    expect(answer.status).toBe(403);
    expect(answer.get('Set-Cookie')).toBeUndefined();
  });
});
