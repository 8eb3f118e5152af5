// Shibboleth SP (Debian: shibboleth-sp-utils, libapache2-mod-shib) behind Apache, with the settings of its package but for
// http, one IdP and the group attribute. It keeps sessions in memory, as it does by default.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reply } from '../lib/http.ts';
import { groupClaim, idpEntityId } from '../lib/idp.ts';
import { freePort, startProgram } from '../lib/processes.ts';
import type { SignInServer } from '../lib/sign-in-server.ts';
import type { Bench } from '../lib/subject.ts';
import { apacheProgram, startApache } from './apache.ts';
import { type Missing, missingUnless } from './missing.ts';

const shibd = '/usr/sbin/shibd';
const etc = '/etc/shibboleth';

export async function startShibboleth(bench: Bench): Promise<SignInServer | Missing> {
  const files = [shibd, apacheProgram, '/usr/lib/apache2/modules/mod_shib.so'];
  const missing = missingUnless('Shibboleth SP', files);
  if (missing) return missing;
  const folder = bench.folder('shibboleth');
  // Apache's child runs as another user and connects to the socket in here.
  chmodSync(folder, 0o755);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeConfiguration(bench, folder, url);
  const logFile = join(folder, 'shibd.out');
  const daemon = await startProgram({
    command: shibd,
    args: ['-F', '-f', '-c', join(folder, 'shibboleth2.xml'), '-p', join(folder, 'shibd.pid'), '-w', '20'],
    logFile,
  });
  const apache = await startApache(
    folder,
    port,
    ['shib'],
    [
      `ShibConfig ${join(folder, 'shibboleth2.xml')}`,
      '<Location /Shibboleth.sso>',
      '  AuthType None',
      '  Require all granted',
      '  SetHandler shib',
      '</Location>',
    ],
  );
  return {
    name: 'Shibboleth SP',
    acsUrl: `${url}/Shibboleth.sso/SAML2/POST`,
    spEntityId: `${url}/shibboleth`,
    pids: [daemon.pid, apache.pid],
    begin: undefined,
    isSignedIn: ({ status, headers }: Reply) => status === 302 && /_shibsession_/.test(String(headers['set-cookie'])),
    close: async () => {
      await apache.stop();
      await daemon.stop();
    },
  };
}

function writeConfiguration(bench: Bench, folder: string, url: string): void {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('idp-metadata.xml', bench.idp.metadata);
  write('sp.key', bench.spKeys.key);
  write('sp.crt', bench.spKeys.cert);
  write(
    'attribute-map.xml',
    `<Attributes xmlns="urn:mace:shibboleth:2.0:attribute-map">
  <Attribute name="${groupClaim}" nameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified" id="groups"/>
</Attributes>`,
  );
  for (const name of ['shibd', 'native']) {
    write(
      `${name}.logger`,
      `log4j.rootCategory=${name === 'shibd' ? 'INFO' : 'WARN'}, file
log4j.category.XMLTooling.Signature.Debugger=WARN
log4j.appender.file=org.apache.log4j.FileAppender
log4j.appender.file.fileName=${join(folder, `${name}.log`)}
log4j.appender.file.layout=org.apache.log4j.PatternLayout
log4j.appender.file.layout.ConversionPattern=%d{%Y-%m-%d %H:%M:%S} %p %c %x: %m%n
`,
    );
  }
  write('native.log', '');
  chmodSync(join(folder, 'native.log'), 0o666);
  write(
    'shibboleth2.xml',
    `<SPConfig xmlns="urn:mace:shibboleth:3.0:native:sp:config" clockSkew="180">
  <OutOfProcess logger="${folder}/shibd.logger" tranLogFormat="%u|%s|%IDP|%i|%ac|%t|%attr|%n|%b|%E|%S|%SS|%L|%UA|%a"/>
  <InProcess logger="${folder}/native.logger"/>
  <UnixListener address="${folder}/shibd.sock"/>
  <ApplicationDefaults entityID="${url}/shibboleth" REMOTE_USER="groups" homeURL="${url}/">
    <Sessions lifetime="28800" timeout="3600" relayState="ss:mem" checkAddress="false" handlerSSL="false" cookieProps="http">
      <SSO entityID="${idpEntityId}">SAML2</SSO>
      <Handler type="Session" Location="/Session" showAttributeValues="false"/>
    </Sessions>
    <MetadataProvider type="XML" path="${folder}/idp-metadata.xml"/>
    <AttributeExtractor type="XML" validate="true" reloadChanges="false" path="${folder}/attribute-map.xml"/>
    <AttributeFilter type="XML" validate="true" path="${etc}/attribute-policy.xml"/>
    <CredentialResolver type="File" key="${folder}/sp.key" certificate="${folder}/sp.crt"/>
  </ApplicationDefaults>
  <SecurityPolicyProvider type="XML" validate="true" path="${etc}/security-policy.xml"/>
  <ProtocolProvider type="XML" validate="true" reloadChanges="false" path="${etc}/protocols.xml"/>
</SPConfig>`,
  );
}
