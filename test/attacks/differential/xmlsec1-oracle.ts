// What xmlsec1 (libxml2, libxmlsec1) says of many messages at once: the octets under a signature, or its refusal.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xmlsec1Path } from '../../support/parts/parts.ts';

export interface SignatureToCheck {
  readonly xml: string;
  readonly element: 'Response' | 'Assertion';
  /** Whether the element is the root. */
  readonly isRoot: boolean;
  readonly certificate: string;
}

const saml = 'urn:oasis:names:tc:SAML:2.0';
const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const start = '== PreDigest data - start buffer:\n';
const end = '\n== PreDigest data - end buffer';

/** For each signature its octets, or undefined where xmlsec1 refuses. */
export function octetsByXmlsec1(signatures: readonly SignatureToCheck[]): (string | undefined)[] {
  const octets = new Map<SignatureToCheck, string | undefined>();
  const groups = new Map<string, SignatureToCheck[]>();
  for (const each of signatures) {
    const name = `${each.element} ${each.isRoot} ${each.certificate}`;
    groups.set(name, [...(groups.get(name) ?? []), each]);
  }
  for (const group of groups.values()) {
    for (let at = 0; at < group.length; at += filesPerCall) {
      const part = group.slice(at, at + filesPerCall);
      const found = verify(part);
      // One refusal ends the whole call, so each is asked for by itself then.
      for (const [i, each] of part.entries()) octets.set(each, found ? found[i] : verify([each])?.[0]);
    }
  }
  return signatures.map((each) => octets.get(each));
}

const filesPerCall = 100;

/** The octets of all, or undefined if one of them is refused. */
function verify(signatures: readonly SignatureToCheck[]): string[] | undefined {
  const { element, isRoot, certificate } = signatures[0]!;
  const folder = mkdtempSync(join(tmpdir(), 'rolegate-fuzz-'));
  try {
    const pem = join(folder, 'cert.pem');
    writeFileSync(pem, certificate);
    const files = signatures.map(({ xml }, i) => {
      const file = join(folder, `${i}.xml`);
      writeFileSync(file, xml);
      return file;
    });
    const place = `${isRoot ? '' : '/*'}/*[local-name()='${element}']`;
    const { status, stdout } = spawnSync(
      xmlsec1Path(),
      [
        ...['--verify', '--enabled-key-data', 'key-name', '--pubkey-cert-pem', pem],
        ...['--id-attr:ID', `${saml}:assertion:Assertion`, '--id-attr:ID', `${saml}:protocol:Response`],
        ...['--node-xpath', `${place}/*[local-name()='Signature' and namespace-uri()='${dsig}']`],
        ...['--store-references', '--print-debug', ...files],
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 28 },
    );
    if (status !== 0) return undefined;
    const octets = stdout
      .split(start)
      .slice(1)
      .map((text) => text.slice(0, text.indexOf(end)));
    return octets.length === signatures.length ? octets : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
