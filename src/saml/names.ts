// The identifiers of the SAML 2.0, XML Signature and AD FS vocabularies that we speak.

export const ns = {
  assertion: 'urn:oasis:names:tc:SAML:2.0:assertion',
  protocol: 'urn:oasis:names:tc:SAML:2.0:protocol',
  metadata: 'urn:oasis:names:tc:SAML:2.0:metadata',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  encryption: 'http://www.w3.org/2001/04/xmlenc#',
  encryption11: 'http://www.w3.org/2009/xmlenc11#',
} as const;

export const bindings = {
  redirect: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  post: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
} as const;

export const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
export const statusSuccess = 'urn:oasis:names:tc:SAML:2.0:status:Success';
export const statusResponder = 'urn:oasis:names:tc:SAML:2.0:status:Responder';
export const statusPartialLogout = 'urn:oasis:names:tc:SAML:2.0:status:PartialLogout';
export const entityFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';
export const nameIdUnspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';
export const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** AD FS and Entra ID say how a person signed in with this attribute, besides AuthnContextClassRef. */
export const authnMethodsReferences = 'http://schemas.microsoft.com/claims/authnmethodsreferences';
/** The usual ways of saying "multi-factor": Microsoft's and REFEDS's. */
export const defaultMfaContexts = [
  'http://schemas.microsoft.com/claims/multipleauthn',
  'https://refeds.org/profile/mfa',
];
