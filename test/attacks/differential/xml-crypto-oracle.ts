// What xml-crypto says of a message: the octets under each signature, or that there is none that it takes.
import { DOMParser } from '@xmldom/xmldom';
import { SignedXml } from 'xml-crypto';

/** The octets that the Signature of the element signs, by its name. @throws what xml-crypto throws where it refuses */
export function octetsByXmlCrypto(xml: string, names: readonly string[], certificates: readonly string[]): string[] {
  // xml-crypto expects line ends as a reader of XML makes them (XML 1.0 §2.11).
  const text = xml.replace(/\r\n?/g, '\n');
  const root = new DOMParser({ errorHandler: () => {} }).parseFromString(text, 'text/xml').documentElement;
  return names.map((name) => {
    const element = root?.localName === name ? root : childOf(root, name);
    const signature = childOf(element, 'Signature');
    if (!signature) throw new Error(`no Signature in ${name}`);
    const errors: unknown[] = [];
    for (const publicCert of certificates) {
      const verifier = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
      try {
        verifier.loadSignature(signature as never);
        if (verifier.checkSignature(text)) return verifier.getSignedReferences().join('\n-- and --\n');
        errors.push('the digest does not fit');
      } catch (error) {
        errors.push(error);
      }
    }
    throw new Error(errors.join('; '));
  });
}

function childOf(parent: Element | undefined | null, name: string): Element | undefined {
  const nodes = Array.from({ length: parent?.childNodes.length ?? 0 }, (_, i) => parent!.childNodes[i] as Element);
  return nodes.find((node) => node.nodeType === 1 && node.localName === name);
}
