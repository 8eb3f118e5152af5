// A second opinion on the form of messages and metadata: xmllint with the OASIS schemas as Debian ships them. Never for
// what comes in: genuine AD FS metadata does not validate (WS-Federation's xsi:types).
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { samlSchemasFolder, xmllintPath } from './parts/parts.ts';

const TIMEOUT_MILLISECONDS = 60_000;

// The catalogs that Debian ships map URNs only; these three are imported by address.
const BY_ADDRESS = {
  'http://www.w3.org/TR/2002/REC-xmldsig-core-20020212/xmldsig-core-schema.xsd': 'xmldsig-core-schema.xsd',
  'http://www.w3.org/TR/2002/REC-xmlenc-core-20021210/xenc-schema.xsd': 'xenc-schema.xsd',
  'http://www.w3.org/2001/xml.xsd': 'xml.xsd',
};

/**
 * Resolves when the document validates against the OASIS schema of SAML 2.0 protocol messages or of metadata.
 * @throws Error with what xmllint said otherwise.
 */
export async function validateWithXsd(xml: string, schema: 'protocol' | 'metadata'): Promise<void> {
  const schemas = samlSchemasFolder();
  const directory = await mkdtemp(join(tmpdir(), 'rolegate-xsd-'));
  try {
    const [document, catalog] = [join(directory, 'document.xml'), join(directory, 'catalog.xml')];
    await writeFile(document, xml);
    await writeFile(catalog, catalogXml(join(schemas, 'xmltooling')));
    const xsd = join(schemas, `opensaml/saml-schema-${schema}-2.0.xsd`);
    await promisify(execFile)(xmllintPath(), ['--nonet', '--noout', '--schema', xsd, document], {
      env: { XML_CATALOG_FILES: catalog },
      timeout: TIMEOUT_MILLISECONDS,
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? error.stderr : error;
    throw new Error(`not valid by the ${schema} schema:\n${said}`, { cause: error });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function catalogXml(folder: string): string {
  const entries = Object.entries(BY_ADDRESS).map(
    ([address, file]) => `<system systemId="${address}" uri="${pathToFileURL(join(folder, file))}"/>`,
  );
  return `<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">${entries.join('')}</catalog>`;
}
