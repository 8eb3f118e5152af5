// The enveloped signature of a metadata document, verified over the root with a key known beforehand (saml2int SDP-MD02).
// Readers of verified metadata read the bytes returned here, no others.
import { requireSaml, samlRefusal } from '../../errors.ts';
import { checkIds } from '../gate.ts';
import { ns } from '../names.ts';
import { checkedSignature } from '../xml/signature-shape.ts';
import { verifyEnveloped } from '../xml/verify-signature.ts';
import { metadataLimits, readXml } from '../xml/xml-reader.ts';
import { walk } from '../xml/xml-tree.ts';

/**
 * The canonical text of the document as the holder of one of the keys signed it.
 * @param certificates PEM, from the configuration. A certificate that the document brings along never counts.
 * @throws BrokerError saml_refused `signature`, `algorithm` or `malformed`
 */
export function verifiedMetadata(xml: string, certificates: readonly string[]): string {
  const root = readXml(xml.replace(/^\ufeff/, ''), metadataLimits);
  const isMetadata = root.namespace === ns.metadata && /^Entit(y|ies)Descriptor$/.test(root.name);
  requireSaml(isMetadata, 'malformed', 'root is not EntityDescriptor or EntitiesDescriptor');
  const ids = new Set<string>();
  for (const element of walk(root)) checkIds(element, ids);
  // The root's own Signature: one further down would leave the rest of the document unsigned.
  if (!checkedSignature(root)) throw samlRefusal('signature', 'the metadata is not signed');
  return verifyEnveloped(root, certificates).octets;
}
