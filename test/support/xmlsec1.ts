// A second opinion on XML signatures: xmlsec1, which shares no code with the libraries the product uses.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { xmlsec1Path } from './parts/parts.ts';

const TIMEOUT_MILLISECONDS = 60_000;
const SAML = 'urn:oasis:names:tc:SAML:2.0';

export interface IdElement {
  element: string;
  namespace: string;
}

/** Elements whose ID attribute a SAML signature may refer to; without a DTD xmlsec1 has to be told. */
const SAML_ELEMENTS: IdElement[] = [
  { element: 'Assertion', namespace: `${SAML}:assertion` },
  ...['Response', 'AuthnRequest', 'LogoutRequest', 'LogoutResponse'].map((element) => ({
    element,
    namespace: `${SAML}:protocol`,
  })),
  { element: 'EntityDescriptor', namespace: `${SAML}:metadata` },
];

/**
 * Resolves when the first signature in document order verifies with exactly this certificate's key.
 * @throws Error with the output of xmlsec1 otherwise.
 */
export async function verifyWithXmlsec1(
  xml: string,
  certPem: string,
  idAttr: IdElement[] = SAML_ELEMENTS,
): Promise<void> {
  const execute = promisify(execFile);
  const directory = await mkdtemp(join(tmpdir(), 'rolegate-xmlsec1-'));
  try {
    const [document, certificate] = [join(directory, 'document.xml'), join(directory, 'cert.pem')];
    await writeFile(document, xml);
    await writeFile(certificate, certPem);
    const ids = idAttr.flatMap(({ element, namespace }) => ['--id-attr:ID', `${namespace}:${element}`]);
    const { stdout: version } = await execute(xmlsec1Path(), ['--version']);
    // Only key names in KeyInfo count: a key or certificate that the document brings along must never verify it.
    const keys = ['--enabled-key-data', 'key-name', '--pubkey-cert-pem', certificate];
    // From 1.3 on, a key without a matching KeyName is looked at only when asked for.
    if (!/ 1\.[0-2]\./.test(version)) keys.push('--lax-key-search');
    await execute(xmlsec1Path(), ['--verify', ...keys, ...ids, document], { timeout: TIMEOUT_MILLISECONDS });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? error.stderr : error;
    throw new Error(`xmlsec1 does not verify the signature:\n${said}`, { cause: error });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
