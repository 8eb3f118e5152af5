// Makes a chain verifiable from outside: signs its head, publishes it to the other processes, and writes down their heads.
// A process that loses its tail, or its whole file, is then missing what other chains name.
import type { Logger } from '../../log.ts';
import type { Signer } from '../../signer.ts';
import type { Audit, AuditEvent } from '../events.ts';
import type { ChainHead, NamedHead } from './chain-events.ts';
import { keyIdOf, signedBytes } from './chain-signer.ts';
import type { AuditTrail } from './json-lines.ts';

/** Where processes tell each other the heads of their chains. */
export interface ChainHeads {
  publish(head: NamedHead): Promise<void>;
  /** The last published head of each chain. */
  read(): Promise<readonly NamedHead[]>;
}

export interface ChainKeeperDeps {
  readonly trail: AuditTrail;
  readonly signing: ChainSigning | undefined;
  /** Undefined where there are no other processes. */
  readonly heads: ChainHeads | undefined;
  readonly log: Logger;
}

interface ChainSigning {
  readonly signer: Signer;
  readonly everyRecords: number;
  readonly everyMs: number;
}

export interface ChainKeeper {
  readonly audit: Audit;
  /** Signs and publishes what was written since the last time, and anchors the other chains. Never throws. */
  keep(): Promise<void>;
  /** Writes the end of the chain. Never throws. */
  close(): Promise<void>;
}

const maxAnchorsPerRecord = 50;

export function createChainKeeper({ trail, signing, heads, log }: ChainKeeperDeps): ChainKeeper {
  // Records about chains do not count: they would make each other necessary for ever.
  let [written, signed, tried, published] = [0, 0, 0, 0];
  let signature: Promise<void> | undefined;
  const attempt = async (what: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      log.error({ detail: (error as Error).message }, `audit chain: ${what}`);
    }
  };
  const sign = async () => {
    const upTo = written;
    if (!signing || upTo === signed) return;
    tried = upTo;
    await attempt('not signed', async () => {
      await trail.record(await signatureOf(trail.chain, trail.head(), signing), undefined);
      signed = upTo;
    });
  };
  // One at a time, and the next one covers what was written meanwhile.
  const signInTurn = () => {
    signature ??= sign().finally(() => {
      signature = undefined;
    });
    return signature;
  };
  const publish = async () => {
    const upTo = written;
    if (!heads || upTo === published) return;
    await attempt('head not published', async () => {
      await heads.publish({ chain: trail.chain, ...trail.head() });
      published = upTo;
    });
  };
  const anchorNew = createAnchors(trail, heads);
  const record: Audit['record'] = async (event, request) => {
    await trail.record(event, request);
    written++;
    // The first record of a chain is signed at once: then a chain without any signature is a forged one.
    if (signing && (tried === 0 || written - tried >= signing.everyRecords)) void signInTurn(); // reports its failures
  };
  const keep = () => signInTurn().then(publish);
  return {
    audit: { record },
    keep: async () => {
      await keep();
      await attempt('other chains not anchored', anchorNew);
    },
    close: async () => {
      await signature;
      if (written === 0 && trail.head().audit === 0) return;
      await attempt('end not written', () => record({ event: 'chain_closed' }, undefined));
      await signature;
      await keep();
    },
  };
}

/** Writes down the heads of the other chains that moved since the last time. */
function createAnchors(trail: AuditTrail, heads: ChainHeads | undefined): () => Promise<void> {
  const anchored = new Map<string, number>();
  return async () => {
    const known = (await heads?.read()) ?? [];
    const later = known.filter(({ chain, audit }) => chain !== trail.chain && audit > (anchored.get(chain) ?? 0));
    for (let from = 0; from < later.length; from += maxAnchorsPerRecord) {
      const anchors = later.slice(from, from + maxAnchorsPerRecord);
      await trail.record({ event: 'chain_anchored', anchors }, undefined);
      for (const { chain, audit } of anchors) anchored.set(chain, audit);
    }
  };
}

async function signatureOf(chain: string, head: ChainHead, { signer, everyRecords, everyMs }: ChainSigning) {
  const due = { everyRecords, everySeconds: everyMs / 1000 };
  const signature = Buffer.from(await signer.sign(signedBytes(chain, head, due))).toString('base64url');
  const { algorithm, publicKey } = signer;
  const keyId = keyIdOf(publicKey);
  return { event: 'chain_signed', head, algorithm, keyId, signature, ...due } satisfies AuditEvent;
}
