// Counts how often node-saml is asked: its work grows with the square of a message's width, so only what has been verified
// and judged may get that far.
import { SAML } from '@node-saml/node-saml';

let calls = 0;
const validate = SAML.prototype.validatePostResponseAsync;
SAML.prototype.validatePostResponseAsync = function (container) {
  calls++;
  return validate.call(this, container);
};

export function nodeSamlCalls(): number {
  return calls;
}
