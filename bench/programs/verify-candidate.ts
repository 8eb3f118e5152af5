// One way to verify a Response, alone in its process: measured together, the candidates would share a heap and a compiler's guesses.
import { createPublicKey, X509Certificate } from 'node:crypto';
import { SAML, ValidateInResponseTo } from '@node-saml/node-saml';
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';
import { systemClock } from '../../src/clock.ts';
import { validateResponse } from '../../src/saml/validate-response.ts';
import { verifyFloor } from '../lib/canonical.ts';

/** From the parent: the certificate and the addresses of all messages. */
export interface Setup {
  readonly certificate: string;
  readonly idpEntityId: string;
  readonly acsUrl: string;
  readonly spEntityId: string;
  readonly inResponseTo: string;
  readonly groupClaim: string;
}

/** Verifies once. Returns how many groups the message vouches for, if the candidate reads them. @throws if refused */
type Verify = (base64: string) => Promise<number | undefined> | number | undefined;

const candidates: Readonly<Record<string, (setup: Setup) => Verify>> = {
  floor: ({ certificate }) => {
    const key = createPublicKey(certificate);
    return (base64) => {
      if (verifyFloor(base64, key) === undefined) throw new Error('refused');
      return undefined;
    };
  },
  Rolegate: ({ certificate, idpEntityId, acsUrl, spEntityId, inResponseTo, groupClaim }) => {
    const idp = {
      ...{ entityId: idpEntityId, signingCertificates: [certificate], decryptionKeys: [] },
      ...{ wantAssertionsSigned: true, wantResponseSigned: false },
    };
    const expectations = { idp, acsUrl, spEntityId, inResponseTo, clockSkewMs: 180_000 };
    return (base64) => {
      const { assertion } = validateResponse(base64, expectations, systemClock.now());
      return assertion.attributes.get(groupClaim)?.length ?? 0;
    };
  },
  'node-saml': ({ certificate, acsUrl, spEntityId, groupClaim }) => {
    const saml = new SAML({
      ...{ idpCert: certificate, issuer: spEntityId, callbackUrl: acsUrl, audience: spEntityId },
      ...{ validateInResponseTo: ValidateInResponseTo.never, wantAuthnResponseSigned: false },
    });
    return async (base64) => {
      const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: base64 });
      return (profile![groupClaim] as string[]).length;
    };
  },
  'xml-crypto': ({ certificate }) => {
    const publicCert = new X509Certificate(certificate).publicKey;
    return (base64) => {
      const xml = Buffer.from(base64, 'base64').toString();
      const signature = new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagName('ds:Signature')[0]!;
      const verifier = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
      verifier.loadSignature(signature as unknown as Node);
      if (!verifier.checkSignature(xml)) throw new Error('refused');
      return undefined;
    };
  },
};

let verify: Verify = () => undefined;

process.on('message', async (order: { setup?: Setup; name?: string; messages?: string[]; minMs?: number }) => {
  if (order.setup) {
    verify = candidates[order.name!]!(order.setup);
    process.send!({ ready: true });
    return;
  }
  process.send!(await measure(order.messages!, order.minMs!));
});

/** CPU of one verification in milliseconds, over as many messages as fill `minMs`. */
async function measure(messages: readonly string[], minMs: number) {
  try {
    let groups: number | undefined;
    let count = 0;
    let ms = 0;
    const before = process.cpuUsage();
    while (ms < minMs || count < 3) {
      groups = await verify(messages[count % messages.length]!);
      count++;
      const { user, system } = process.cpuUsage(before);
      ms = (user + system) / 1000;
    }
    return { ms: ms / count, groups };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}
