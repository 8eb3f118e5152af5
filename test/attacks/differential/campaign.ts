// Runs messages through our verifier and, where it accepts, through others: xml-crypto and xmlsec1 must verify the same
// octets, saxes must read the same values from them, and now and then node-saml must agree as a whole.
import { BrokerError } from '../../../src/errors.ts';
import type { Evidence } from '../../../src/saml/evidence.ts';
import { referenceInput } from '../../../src/saml/reference-input.ts';
import { checkByReference } from '../../../src/saml/reference-verifier.ts';
import { type ValidatedResponse, validateResponse } from '../../../src/saml/validate-response.ts';
import { createGenerator, type Message } from './generator.ts';
import { isUnknownToXmlsec1 } from './known-differences.ts';
import { valuesOfOctets } from './octet-values.ts';
import { octetsByXmlCrypto } from './xml-crypto-oracle.ts';
import { octetsByXmlsec1, type SignatureToCheck } from './xmlsec1-oracle.ts';

export interface CampaignOptions {
  readonly seed: number;
  readonly messages: number;
  /** One in so many accepted messages goes to xml-crypto, to xmlsec1, and to node-saml. */
  readonly xmlCryptoEvery: number;
  readonly xmlsec1Every: number;
  readonly nodeSamlEvery: number;
  /** One in so many refused messages is shown to the others as well, which says how strict we are. */
  readonly refusedEvery: number;
  readonly onDifference: (difference: Difference) => void;
  readonly onProgress?: (counts: Counts) => void;
}

export interface Difference {
  readonly group: number;
  readonly message: Message;
  readonly what: string;
}

export interface Counts {
  messages: number;
  accepted: number;
  refused: number;
  /** Signatures whose octets were compared. */
  comparedWithXmlCrypto: number;
  comparedWithXmlsec1: number;
  /** Messages whose values were compared. */
  comparedWithSaxes: number;
  comparedWithNodeSaml: number;
  /** Refused messages that were shown to both others, and those of which both verified every signature. */
  refusedShown: number;
  refusedByUsAlone: number;
  differences: number;
}

interface Accepted {
  readonly group: number;
  readonly message: Message;
  readonly ours: string;
  readonly signature: SignatureToCheck;
}

/** Beside refusals of the message: an answer of the identity provider that is not a sign-in. */
const refusals = new Set(['saml_refused', 'sign_in_cancelled', 'step_up_refused']);

export async function runCampaign(options: CampaignOptions): Promise<Counts> {
  const generate = createGenerator(options.seed);
  const counts: Counts = {
    ...{ messages: 0, accepted: 0, refused: 0, comparedWithXmlCrypto: 0, comparedWithXmlsec1: 0 },
    ...{ comparedWithSaxes: 0, comparedWithNodeSaml: 0, refusedShown: 0, refusedByUsAlone: 0, differences: 0 },
  };
  const waiting: Accepted[] = [];
  const differ = (group: number, message: Message, what: string) => {
    counts.differences++;
    options.onDifference({ group, message, what });
  };
  const flush = () => {
    const octets = octetsByXmlsec1(waiting.map(({ signature }) => signature));
    for (const [i, { group, message, ours, signature }] of waiting.entries()) {
      counts.comparedWithXmlsec1++;
      if (octets[i] === undefined) differ(group, message, `xmlsec1 refuses the ${signature.element}`);
      else if (octets[i] !== ours) differ(group, message, `xmlsec1: other octets of the ${signature.element}`);
    }
    waiting.length = 0;
  };
  for (let group = 0; counts.messages < options.messages; group++) {
    for (const message of generate(group, (message) => !(judge(message) instanceof BrokerError))) {
      counts.messages++;
      const judged = judge(message);
      if (judged instanceof BrokerError) {
        counts.refused++;
        if (!refusals.has(judged.code)) differ(group, message, `refused as ${judged.code}`);
        if (counts.refused % options.refusedEvery === 0) {
          counts.refusedShown++;
          if (othersAccept(message)) counts.refusedByUsAlone++;
        }
        continue;
      }
      counts.accepted++;
      if (counts.accepted % options.xmlCryptoEvery === 0)
        for (const what of compareOctets(judged.evidence, counts)) differ(group, message, what);
      for (const what of compareValues(judged, counts)) differ(group, message, what);
      if (counts.accepted % options.nodeSamlEvery === 0) {
        counts.comparedWithNodeSaml++;
        const verdict = await checkByReference(referenceInput(judged));
        if (!verdict.agrees) differ(group, message, `node-saml: ${verdict.difference}`);
      }
      if (counts.accepted % options.xmlsec1Every === 0) {
        for (const { ours, ...signature } of signaturesOf(judged.evidence).filter((each) => !isUnknownToXmlsec1(each)))
          waiting.push({ group, message, ours, signature });
        if (waiting.length >= 400) flush();
      }
    }
    options.onProgress?.(counts);
  }
  flush();
  return counts;
}

function judge({ xml, expected, now }: Message): ValidatedResponse | BrokerError {
  try {
    return validateResponse(Buffer.from(xml, 'utf8').toString('base64'), expected, now);
  } catch (error) {
    if (error instanceof BrokerError) return error;
    throw error;
  }
}

function signaturesOf(evidence: Evidence): (SignatureToCheck & { readonly ours: string })[] {
  const { xml, decrypted, responseOctets, assertionOctets, usedCertificates } = evidence;
  const [first = '', last = first] = usedCertificates;
  const signatures: (SignatureToCheck & { readonly ours: string })[] = [];
  if (responseOctets !== undefined)
    signatures.push({ xml, element: 'Response', isRoot: true, certificate: first, ours: responseOctets });
  const isRoot = decrypted !== undefined;
  if (assertionOctets !== undefined)
    signatures.push({
      ...{ xml: decrypted ?? xml, element: 'Assertion', isRoot },
      certificate: last,
      ours: assertionOctets,
    });
  return signatures;
}

function compareOctets(evidence: Evidence, counts: Counts): string[] {
  return signaturesOf(evidence).flatMap(({ xml, element, ours }) => {
    counts.comparedWithXmlCrypto++;
    try {
      const [octets] = octetsByXmlCrypto(xml, [element], evidence.signingCertificates);
      return octets === ours ? [] : [`xml-crypto: other octets of the ${element}`];
    } catch (error) {
      return [`xml-crypto refuses the ${element}: ${String(error).slice(0, 200)}`];
    }
  });
}

function compareValues(judged: ValidatedResponse, counts: Counts): string[] {
  const { decrypted, assertionOctets, responseOctets } = judged.evidence;
  counts.comparedWithSaxes++;
  // An encrypted assertion without its own Signature has only the decrypted octets.
  const ours = referenceInput(judged).values;
  const theirs = valuesOfOctets(assertionOctets ?? decrypted ?? responseOctets ?? '');
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])]
    .filter((name) => JSON.stringify(ours[name] ?? []) !== JSON.stringify(theirs[name] ?? []))
    .map((name) => `saxes: another value of ${name}`);
}

/** Whether both others verify every signature of a message that we refuse. */
function othersAccept({ xml, expected }: Message): boolean {
  const [certificate] = expected.idp.signingCertificates;
  const names = (['Response', 'Assertion'] as const).filter((name) => {
    try {
      return octetsByXmlCrypto(xml, [name], [certificate!]).length > 0;
    } catch {
      return false;
    }
  });
  const signatures = names.map((element) => ({
    xml,
    element,
    isRoot: element === 'Response',
    certificate: certificate!,
  }));
  return names.length > 0 && octetsByXmlsec1(signatures).every((octets) => octets !== undefined);
}
