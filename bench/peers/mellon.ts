// mod_auth_mellon (Debian: libapache2-mod-auth-mellon), sessions in shared memory. xmlsec reads the CA bundle for every
// sign-in unless it finds none, so it finds none here: this favours the peer by 20 to 50 ms.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cookiesOf, type Reply, request } from '../lib/http.ts';
import { idpEntityId } from '../lib/idp.ts';
import { freePort } from '../lib/processes.ts';
import { readRedirect, type SignInServer } from '../lib/sign-in-server.ts';
import type { Bench } from '../lib/subject.ts';
import { apacheProgram, startApache } from './apache.ts';
import { type Missing, missingUnless } from './missing.ts';

export async function startMellon(bench: Bench): Promise<SignInServer | Missing> {
  const missing = missingUnless('mod_auth_mellon', [apacheProgram, '/usr/lib/apache2/modules/mod_auth_mellon.so']);
  if (missing) return missing;
  const folder = bench.folder('mellon');
  chmodSync(folder, 0o755);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const spEntityId = `${url}/mellon/metadata`;
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const apache = await startApache(
    folder,
    port,
    ['auth_mellon'],
    [
      'MellonCacheSize 1000',
      // A session holds 1,000 groups and the whole Response.
      'MellonCacheEntrySize 393216',
      '<Location />',
      '  MellonEnable info',
      `  MellonSPentityId ${spEntityId}`,
      `  MellonSPPrivateKeyFile ${file('sp.key', bench.spKeys.key)}`,
      `  MellonSPCertFile ${file('sp.crt', bench.spKeys.cert)}`,
      `  MellonSPMetadataFile ${file('sp-metadata.xml', spMetadata(spEntityId, url))}`,
      `  MellonIdPMetadataFile ${file('idp-metadata.xml', bench.idp.metadata)}`,
      '  MellonEndpointPath /mellon',
      '  MellonSecureCookie Off',
      '  Require all granted',
      '</Location>',
    ],
    { SSL_CERT_FILE: '/dev/null', SSL_CERT_DIR: '/nonexistent' },
  );
  const begin = async () => {
    const reply = await request(`${url}/mellon/login?ReturnTo=${encodeURIComponent(`${url}/`)}&IdP=${idpEntityId}`);
    return { ...readRedirect(reply), cookie: cookiesOf(reply) };
  };
  return {
    name: 'mod_auth_mellon',
    acsUrl: `${url}/mellon/postResponse`,
    spEntityId,
    pids: [apache.pid],
    begin,
    isSignedIn: ({ status }: Reply) => status === 303,
    close: () => apache.stop(),
  };
}

function spMetadata(entityId: string, url: string): string {
  return (
    `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${entityId}">` +
    `<SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
    `<AssertionConsumerService index="0" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${url}/mellon/postResponse"/>` +
    `</SPSSODescriptor></EntityDescriptor>`
  );
}
