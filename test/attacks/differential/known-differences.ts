// Differences that are harmless, each as narrow as it can be said, with its reason. Whatever else differs is a failure.
import { messageLimits, readXml } from '../../../src/saml/xml/xml-reader.ts';
import { attributeOf } from '../../../src/saml/xml/xml-tree.ts';
import type { SignatureToCheck } from './xmlsec1-oracle.ts';

const pss = 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1';

/** xmlsec1 before 1.3 has no RSASSA-PSS: it cannot verify such a Signature. xml-crypto can, and has to. */
export function isUnknownToXmlsec1({ xml, isRoot, element }: SignatureToCheck): boolean {
  let at = [readXml(xml, messageLimits)];
  const path = ['Signature', 'SignedInfo', 'SignatureMethod'];
  for (const name of isRoot ? path : [element, ...path])
    at = at.flatMap(({ children }) => children.filter((child) => child.name === name));
  return at.some((method) => attributeOf(method, 'Algorithm') === pss);
}
