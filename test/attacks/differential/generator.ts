// Messages in groups: one that is mutated and then signed with the trusted key, and some that are made of it by mutation
// after it was signed. A seed and the number of a group give the same messages each time, but for random padding.
import { createPrivateKey } from 'node:crypto';
import type { Expectations } from '../../../src/saml/expectations.ts';
import { keyPair } from '../../support/key-pairs.ts';
import { encrypt } from '../support/encrypt.ts';
import { toEvil } from '../support/evil.ts';
import { type Chance, chanceOf, mutate, pick } from '../support/mutate.ts';
import { contentMutations, type Mutation } from './content-mutations.ts';
import { namespaceMutations } from './namespace-mutations.ts';
import type { Seed } from './seeds.ts';
import { attackSeeds, goodSeeds } from './seeds.ts';
import { fillIn } from './sign.ts';
import { putSignature, removeSignature, signatureMutations } from './signature-source.ts';
import { childrenNamed, cloneSource, parseSource, type SourceElement, writeSource } from './source-tree.ts';
import { structureMutations } from './structure-mutations.ts';

export interface Message {
  readonly family: 'mutated, then signed' | 'signed, then mutated' | 'of the attack suite';
  readonly seed: string;
  readonly mutations: readonly string[];
  readonly xml: string;
  readonly expected: Expectations;
  readonly now: Date;
}

type Named = readonly [string, Mutation];

const content = Object.entries(contentMutations);
const namespaces = Object.entries(namespaceMutations);
const structures = Object.entries(structureMutations);
const signatures = Object.entries(signatureMutations);
/** With weights: what mostly leaves a message good comes more often. */
const beforeSigning: readonly Named[][] = [
  content,
  content,
  content,
  namespaces,
  namespaces,
  namespaces,
  structures,
  signatures,
];
const afterSigning: readonly Named[][] = [content, namespaces, structures, structures, signatures];

const mutantsOfEach = 4;
const key = keyPair('fuzzing');
const privateKey = createPrivateKey(key.key);
const recipient = keyPair('sp-decryption');

export function createGenerator(seed: number) {
  const good = goodSeeds().flatMap((each) => withTree(each));
  const attacks = attackSeeds();
  const countOfAttacks = attacks.length;
  /** @returns the messages of group `number` */
  return (number: number, isAccepted: (message: Message) => boolean): Message[] => {
    const chance = chanceOf(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
    const attack = attacks[(number + seed) % countOfAttacks]!;
    // Each row of the attack suite as it is, until all of them have had their turn.
    const asIs = number < countOfAttacks ? [asSigned(attack())] : [];
    const attackTree = chance() < 0.02 ? withTree(pick(attacks, chance)()) : [];
    const signed = signedMutant(attackTree[0] ?? pick(good, chance), chance);
    // A message that is refused already gains little from mutation.
    const mutants = Array.from({ length: isAccepted(signed) ? mutantsOfEach : 1 }, () => mutantOf(signed, chance));
    const ofAttack = chance() < 0.03 ? [mutantOf(asSigned(pick(attacks, chance)()), chance)] : [];
    return [...asIs, signed, ...mutants, ...ofAttack];
  };
}

type Planted = Seed & { readonly tree: SourceElement };

function withTree(seed: Seed): Planted[] {
  const tree = parseSource(seed.xml);
  return tree ? [{ ...seed, tree }] : [];
}

function asSigned({ name, ...seed }: Seed): Message {
  return { ...seed, family: 'of the attack suite', seed: name, mutations: [] };
}

function signedMutant({ name, tree, expected, now }: Planted, chance: Chance): Message {
  const root = cloneSource(tree);
  const mode = pick(['assertion', 'response', 'both'] as const, chance);
  const assertion = childrenNamed(root, 'Assertion')[0];
  for (const each of assertion ? [root, assertion] : [root]) removeSignature(each);
  if (assertion && mode !== 'response') putSignature(assertion, 'Assertion', chance);
  if (mode !== 'assertion') putSignature(root, 'Response', chance);
  const mutations = mutateTree(root, beforeSigning, 1 + Math.floor(chance() * 4), chance);
  const text = writeSource(root, chance() < 0.5 ? chance : undefined);
  const lineBreak = pick(['', '', '', '\n', '\r\n', '&#13;\n', ' '], chance);
  let xml = fillIn(text, 'Assertion', privateKey, lineBreak);
  if (mode !== 'assertion' && chance() < 0.03) {
    mutations.push('encrypted');
    const seal = (plain: string) => encrypt(plain, recipient, { block: pick(['aes-256-gcm', 'aes-128-cbc'], chance) });
    xml = xml.replace(/<(\w+:)?Assertion[\s>][\s\S]*<\/\1Assertion\s*>/, (plain) => seal(plain));
  }
  xml = fillIn(xml, 'Response', privateKey, lineBreak);
  const trusting = { ...expected, idp: { ...expected.idp, signingCertificates: [key.cert] } };
  return { ...{ family: 'mutated, then signed', seed: name, mutations, now, xml }, expected: trusting };
}

function mutantOf(signed: Message, chance: Chance): Message {
  const { xml, changes } = changed(signed.xml, chance);
  return { ...signed, family: 'signed, then mutated', mutations: [...signed.mutations, 'signed', ...changes], xml };
}

function changed(xml: string, chance: Chance): { xml: string; changes: string[] } {
  if (chance() < 0.1) {
    return { xml: mutate(xml, toEvil(xml).replaceAll('_assertion', '_evil'), chance), changes: ['text'] };
  }
  const root = parseSource(xml);
  if (!root) return { xml: mutate(xml, toEvil(xml), chance), changes: ['text'] };
  // What no signature covers or canonicalization evens out: many of these are good.
  const kinds = chance() < 0.5 ? evened : afterSigning;
  const changes = mutateTree(root, kinds, 1 + Math.floor(chance() * 3), chance);
  return { xml: writeSource(root, chance() < 0.5 ? chance : undefined), changes };
}

const evened: readonly Named[][] = [
  [...content, ...namespaces, ...signatures, ...structures].filter(([name]) =>
    /spellings|another order|a declaration|white space in|more KeyInfo|around an assertion|repeated|moved up/.test(
      name,
    ),
  ),
];

function mutateTree(root: SourceElement, kinds: readonly Named[][], count: number, chance: Chance): string[] {
  return Array.from({ length: count }, () => {
    const [name, mutation] = pick(pick(kinds, chance), chance);
    mutation(root, chance);
    return name;
  });
}
