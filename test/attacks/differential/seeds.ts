// What the fuzzer starts from: messages of this repository's builders, recorded messages of other software, and the rows
// of the attack suite. Each is signed, and comes with what its service provider expected.
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Expectations } from '../../../src/saml/expectations.ts';
import {
  attributeElement,
  attributeStatement,
  expectationsFor,
  groupClaim,
  now,
  type ResponseParts,
  type SigningMode,
  signedXml,
  signingModes,
} from '../../saml/support/response-builder.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { type Attack, idpFor, make } from '../support/attack.ts';
import { semantics, structure } from '../support/families.ts';
import { answerXml, type Login } from '../support/login.ts';
import { entityIds, type Target, targetKeys } from '../support/target.ts';

export interface Seed {
  readonly name: string;
  readonly xml: string;
  readonly expected: Expectations;
  readonly now: Date;
}

const decryption = [keyPair('sp-decryption'), keyPair('sp-decryption-earlier')] as const;
const decryptionKeys = decryption.map(({ key }) => createPrivateKey(key));

/** Good messages, which mutations change before or after they are signed. */
export function goodSeeds(): Seed[] {
  return [...builtSeeds(), ...recordedSeeds()];
}

function builtSeeds(): Seed[] {
  const key = keyPair('idp-signing');
  const expected = expectationsFor(key, { idp: { decryptionKeys } });
  const typed = (value: string) =>
    attributeElement(groupClaim, value).replace('<AttributeValue>', '<AttributeValue xsi:type="xs:string">');
  const shapes: readonly (readonly [string, Partial<ResponseParts>])[] = [
    ['AD FS', {}],
    [
      'AD FS without NameID',
      { nameId: '', attributes: attributeStatement(attributeElement(groupClaim, 'a', 'b', 'c')) },
    ],
    [
      'xsi:type',
      {
        assertion: {
          'xmlns:xs': 'http://www.w3.org/2001/XMLSchema',
          'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
        },
        attributes: attributeStatement(typed('CORP\\AWS-Dev'), attributeElement('name', 'Alice &amp; &lt;Bob&gt;')),
      },
    ],
  ];
  return shapes.flatMap(([name, parts]) =>
    signingModes.map((mode) => ({
      ...{ name: `${name}, ${mode}`, expected, now },
      xml: signedXml(key, parts, { mode }),
    })),
  );
}

interface Recorded {
  readonly file: string;
  readonly software: string;
  readonly now: string;
  readonly idpEntityId: string;
  readonly spEntityId: string;
  readonly acsUrl: string;
  readonly inResponseTo: string;
}

/** See test/fixtures/responses/README.md. */
function recordedSeeds(): Seed[] {
  const folder = new URL('../../fixtures/responses/', import.meta.url);
  const records: readonly Recorded[] = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));
  return records.map(({ file, software, now: at, idpEntityId: entityId, ...others }) => ({
    name: `${software}: ${file}`,
    xml: readFileSync(new URL(file, folder), 'utf8'),
    // Keycloak's AuthnInstant can be a second later than its IssueInstant.
    expected: expectationsFor(keyPair('idp-signing'), {
      ...others,
      clockSkewMs: 60_000,
      idp: { entityId, decryptionKeys },
    }),
    now: new Date(at),
  }));
}

/** The attacks, each made when it is asked for the first time: signing all of them takes half a minute. */
export function attackSeeds(): (() => Seed)[] {
  const target = { keys: targetKeys, decryption, stranger: keyPair('stranger') } as unknown as Target;
  const attacks = Object.values({ ...structure, ...semantics }).flat();
  return attacks.flatMap((attack) => {
    if (attack.post !== undefined) return [];
    return (attack.modes ?? ['assertion', 'both']).map((mode) => {
      let made: Seed | undefined;
      return () => {
        made ??= attackSeed(attack, mode, target);
        return made;
      };
    });
  });
}

function attackSeed(attack: Attack, mode: SigningMode, target: Target): Seed {
  const idp = attack.idp ?? idpFor[mode];
  const login: Login = { ...{ idp, requestId: '_request', relayState: '' }, cookies: new Map() };
  const loot = { ...{ login, mode, target }, xml: answerXml(target, login, mode) };
  const expected = expectationsFor(targetKeys[idp], { idp: { entityId: entityIds[idp], decryptionKeys } });
  return { ...{ name: `attack: ${attack.name} (${mode})`, expected, now }, xml: make(attack, loot) };
}
