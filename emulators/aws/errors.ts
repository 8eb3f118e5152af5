// The errors AWS answers with: status, code and message exactly as a caller sees them. Throwing one is how a check refuses.

/** An answer that refuses: HTTP status, wire code and message (reference: the message catalogue m1-m22). */
export class AwsError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'AwsError';
    this.status = status;
    this.code = code;
  }
}

/** 400 ValidationError with the given text. */
export function validationError(message: string): AwsError {
  return new AwsError(400, 'ValidationError', message);
}

/** 400 InvalidIdentityToken with the given text. */
export function invalidIdentityToken(message: string): AwsError {
  return new AwsError(400, 'InvalidIdentityToken', message);
}

/** m1-m3 carry the error of an inner service; its text is part of the message, so callers may only match its beginning. */
export function nestedIdentityError(message: string, innerCode: string, innerRequestId: string): AwsError {
  return invalidIdentityToken(
    `${message} (Service: AWSOpenIdDiscoveryService; Status Code: 400; Error Code: ${innerCode}; Request ID: ${innerRequestId}; Proxy: null)`,
  );
}

/** m11: one text for a missing role, an unmet trust policy, a pair the assertion does not name and a missing permission. */
export function notAuthorized(action: string): AwsError {
  return new AwsError(403, 'AccessDenied', `Not authorized to perform ${action}`);
}

/** How services that speak JSON call what STS calls by another name. */
export const jsonErrorTypes: Readonly<Record<string, string>> = {
  InvalidClientTokenId: 'UnrecognizedClientException',
  SignatureDoesNotMatch: 'InvalidSignatureException',
  IncompleteSignature: 'IncompleteSignatureException',
  MissingAuthenticationToken: 'MissingAuthenticationTokenException',
  ExpiredToken: 'ExpiredTokenException',
};
