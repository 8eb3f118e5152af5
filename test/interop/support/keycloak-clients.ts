// What Keycloak knows: a person with a group, and brokers as clients, made from their own metadata.
import type { TestDemo } from '../../app/support/demo.ts';
import type { Keycloak } from './keycloak.ts';

const developers = 'CORP\\AWS-Payments-Dev';

/** For startKeycloak: alice, whose password is "password". */
export const realm = {
  groups: [{ name: developers }],
  users: [
    {
      username: 'alice@corp.example',
      email: 'alice@corp.example',
      emailVerified: true,
      enabled: true,
      firstName: 'Alice',
      lastName: 'Sample',
      groups: [`/${developers}`],
      credentials: [{ type: 'password', value: 'password' }],
    },
  ],
};

/** For the broker's entry of the identity provider. */
export const attributes = { user: 'username', groups: 'groups', displayName: 'name' };

const samlMapper = (name: string, protocolMapper: string, config: object) => ({
  name,
  protocol: 'saml',
  protocolMapper,
  config: { 'attribute.name': name, 'attribute.nameformat': 'Basic', ...config },
});

const samlMappers = [
  samlMapper('username', 'saml-user-property-mapper', { 'user.attribute': 'username' }),
  samlMapper('name', 'saml-user-property-mapper', { 'user.attribute': 'firstName' }),
  samlMapper('groups', 'saml-group-membership-mapper', { single: 'true', 'full.path': 'false' }),
];

interface Client {
  readonly attributes: Record<string, string>;
}

/** *Import client*, as the console does it, and then the settings of docs/identity-providers/keycloak.md. @returns its id */
export async function importClient(keycloak: Keycloak, demo: TestDemo, settings: object = {}): Promise<string> {
  const imported = await convertMetadata(keycloak, demo);
  return keycloak.admin<string>('POST', 'clients', {
    ...imported,
    frontchannelLogout: true,
    protocolMappers: samlMappers,
    attributes: {
      ...imported.attributes,
      'saml.force.post.binding': 'true',
      saml_name_id_format: 'username',
      saml_force_name_id_format: 'true',
      ...settings,
    },
  });
}

/** Imports the metadata that the broker has now into the client, and changes these settings. */
export async function updateClient(keycloak: Keycloak, id: string, settings: object): Promise<void> {
  const client = await keycloak.admin<Client>('GET', `clients/${id}`);
  await keycloak.admin('PUT', `clients/${id}`, { ...client, attributes: { ...client.attributes, ...settings } });
}

/** What Keycloak reads out of the broker's metadata. */
export async function convertMetadata(keycloak: Keycloak, demo: TestDemo): Promise<Client> {
  const xml = await (await fetch(`${demo.brokerUrl}/saml/metadata`)).text();
  return keycloak.admin<Client>('POST', 'client-description-converter', xml);
}

/** A client for OpenID Connect. */
export function openidClient(demo: TestDemo, clientId: string, secret: string): object {
  return {
    clientId,
    secret,
    protocol: 'openid-connect',
    redirectUris: [`${demo.brokerUrl}/openid/callback/keycloak`],
    protocolMappers: [
      {
        name: 'groups',
        protocol: 'openid-connect',
        protocolMapper: 'oidc-group-membership-mapper',
        config: { 'claim.name': 'groups', 'full.path': 'false', 'id.token.claim': 'true' },
      },
    ],
  };
}
