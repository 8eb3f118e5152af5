// Which languages there are, and which one a request gets.
import { en, type Messages } from './en.ts';
import { ko } from './ko.ts';

export const languages: readonly Messages[] = [en, ko];

/** The language that was chosen, else the best of Accept-Language, else English. */
export function messagesFor(chosen: string | undefined, accepts: (names: string[]) => string | false): Messages {
  const name = languages.some(({ language }) => language === chosen)
    ? chosen
    : accepts(languages.map((l) => l.language));
  return languages.find(({ language }) => language === name) ?? en;
}
