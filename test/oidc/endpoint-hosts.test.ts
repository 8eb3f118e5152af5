// Which hosts the broker calls for an issuer: each row that is refused has a neighbour that is taken.
import { describe, expect, test } from 'vitest';
import { isEndpointOf } from '../../src/oidc/endpoint-hosts.ts';

const entra = 'https://login.microsoftonline.com/tenant/v2.0';
const cognito = 'https://cognito-idp.eu-west-1.amazonaws.com/pool';

describe('isEndpointOf', () => {
  test.each([
    ['https://idp.example.com', 'https://idp.example.com/token'],
    ['https://idp.example.com', 'https://idp.example.com:8443/token'],
    ['https://idp.example.com', 'https://keys.example.com/jwks'],
    ['https://idp.example.co.uk', 'https://example.co.uk/jwks'],
    ['https://accounts.google.com', 'https://oauth2.googleapis.com/token'],
    ['https://accounts.google.com', 'https://www.googleapis.com/oauth2/v3/certs'],
    [entra, 'https://login.microsoftonline.com/tenant/discovery/v2.0/keys'],
    [entra, 'https://graph.microsoft.com/oidc/userinfo'],
    ['https://sts.windows.net/tenant/', 'https://login.microsoftonline.com/common/discovery/keys'],
    ['http://127.0.0.1:8081', 'http://127.0.0.1:8081/token'],
    ['http://localhost:8081', 'http://localhost:8082/token'],
  ])('%s: %s is called', (issuer, address) => expect(isEndpointOf(issuer, [], address)).toBe(true));

  test.each([
    ['https://idp.example.com', 'https://evil.example/token'],
    ['https://idp.example.com', 'https://example.com.evil.example/token'],
    ['https://idp.example.com', 'https://idp.example.com@evil.example/token'],
    ['https://idp.example.com', 'https://evilexample.com/token'],
    ['https://idp.example.com', 'http://idp.example.com/token'],
    ['https://idp.example.com', 'https://10.0.0.1/token'],
    ['https://idp.example.com', 'https://[::1]/token'],
    ['https://idp.example.com', 'https://localhost/token'],
    ['https://idp.example.com', 'https://metadata/token'],
    ['https://idp.example.com', 'not an address'],
    ['https://idp.example.co.uk', 'https://other.co.uk/jwks'],
    ['https://one.github.io', 'https://two.github.io/jwks'],
    ['https://accounts.google.com', 'https://storage.googleapis.com/bucket/keys'],
    ['https://accounts.google.com.evil.example', 'https://oauth2.googleapis.com/token'],
    ['https://idp.example.com', 'https://oauth2.googleapis.com/token'],
    ['https://constructor', 'https://toString/token'],
    ['http://127.0.0.1:8081', 'http://127.0.0.2:8081/token'],
    ['http://localhost:8081', 'http://internal:8081/token'],
    [cognito, 'https://company.auth.eu-west-1.amazoncognito.com/oauth2/token'],
  ])('%s: %s is not', (issuer, address) => expect(isEndpointOf(issuer, [], address)).toBe(false));

  test('a configured host is called, by its exact name and over https', () => {
    const hosts = ['company.auth.eu-west-1.amazoncognito.com'];
    const ask = (address: string) => isEndpointOf(cognito, hosts, address);
    expect(ask('https://company.auth.eu-west-1.amazoncognito.com/oauth2/token')).toBe(true);
    expect(ask('https://other.auth.eu-west-1.amazoncognito.com/oauth2/token')).toBe(false);
    expect(ask('http://company.auth.eu-west-1.amazoncognito.com/oauth2/token')).toBe(false);
  });
});
