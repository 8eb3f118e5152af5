// A row of the attack suite, and the test that every row becomes: the bad message is refused in all five ways, then the
// same pending login is completed by the good one, which is its positive twin.
import { expect, test } from 'vitest';
import type { SamlReason } from '../../../src/errors.ts';
import type { BuildOptions, ResponseParts, SigningMode } from '../../saml/support/response-builder.ts';
import { answerXml, beginLogin, formFor, type Login } from './login.ts';
import { expectRefused, expectSignedIn } from './oracle.ts';
import type { IdpId, Target } from './target.ts';

/** What an attacker has: a good message for this login, and whatever else the target's keys can sign. */
export interface Loot {
  readonly xml: string;
  readonly login: Login;
  readonly mode: SigningMode;
  readonly target: Target;
}

type Maybe<T> = T | ((loot: Loot) => T);

export interface Attack {
  readonly name: string;
  /** The section or the class of published weaknesses that it belongs to. */
  readonly rule: string;
  readonly reason: SamlReason | readonly SamlReason[];
  /** Signed how; by default both ways in which AD FS signs. */
  readonly modes?: readonly SigningMode[];
  readonly idp?: IdpId;
  /** Changes the signed content. */
  readonly parts?: Maybe<Partial<ResponseParts>>;
  readonly options?: Maybe<BuildOptions & { readonly seal?: (assertion: string) => string }>;
  /** Changes what was signed. */
  readonly forge?: (xml: string, loot: Loot) => string;
  /** Changes how it is posted: the whole form. */
  readonly post?: (xml: string, loot: Loot) => URLSearchParams | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The twin, where it is more than the good message. */
  readonly twin?: Pick<Attack, 'parts' | 'options' | 'forge'>;
}

/** Who takes a message that is signed like this. */
export const idpFor: Readonly<Record<SigningMode, IdpId>> = {
  assertion: 'adfs',
  both: 'adfs',
  response: 'message',
  none: 'adfs',
};

export function testAttacks(target: () => Target, attacks: readonly Attack[]): void {
  for (const attack of attacks) {
    for (const mode of attack.modes ?? ['assertion', 'both']) {
      test(`${attack.name} [${attack.rule}] (${mode} signed)`, () => run(target(), attack, mode));
    }
  }
}

async function run(target: Target, attack: Attack, mode: SigningMode): Promise<void> {
  const login = await beginLogin(target, attack.idp ?? idpFor[mode]);
  const lootSigned = (as: SigningMode): Loot => ({ xml: answerXml(target, login, as), login, mode: as, target });
  const loot = lootSigned(mode);
  const bad = make(attack, loot);
  if (attack.post === undefined && attack.headers === undefined) expect(bad).not.toBe(loot.xml);
  const form = attack.post?.(bad, loot) ?? formFor(login, bad);
  await expectRefused(target, login.cookies, form, attack, attack.headers);
  await expectSignedIn(target, login, make(attack.twin ?? {}, mode === 'none' ? lootSigned('assertion') : loot));
}

/** The message of the row. */
export function make({ parts, options, forge }: Pick<Attack, 'parts' | 'options' | 'forge'>, loot: Loot): string {
  const { target, login, mode } = loot;
  const isPlain = parts === undefined && options === undefined;
  const xml = isPlain ? loot.xml : answerXml(target, login, mode, value(parts, loot), value(options, loot));
  return forge?.(xml, loot) ?? xml;
}

function value<T>(maybe: Maybe<T> | undefined, loot: Loot): T | undefined {
  return typeof maybe === 'function' ? (maybe as (loot: Loot) => T)(loot) : maybe;
}

/** A form with this message as it is, encoded or not. */
export function rawForm(login: Login, samlResponse: string): URLSearchParams {
  return new URLSearchParams({ SAMLResponse: samlResponse, RelayState: login.relayState });
}
