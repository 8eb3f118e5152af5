// Any error of the SDK as a BrokerError, with the likely cause and the fix in the private text.
import { BrokerError } from '../errors.ts';
import { causeOf } from './sts-causes.ts';

export function toStsError(error: unknown): BrokerError {
  const { awsCode, message, requestId, status } = factsOf(error);
  const { code, fix, isChaining } = causeOf(awsCode, message, status);
  return new BrokerError(code, `STS ${awsCode}: ${message.slice(0, 300)}; ${fix}`, {
    details: { awsCode, ...(requestId ? { awsRequestId: requestId } : {}), ...(isChaining ? { isChaining } : {}) },
  });
}

function factsOf(error: unknown) {
  const facts = error as {
    Code?: string;
    name?: string;
    message?: string;
    $metadata?: { requestId?: string; httpStatusCode?: number };
  };
  return {
    awsCode: facts.Code ?? facts.name ?? 'Unknown',
    message: facts.message ?? '',
    requestId: facts.$metadata?.requestId,
    status: facts.$metadata?.httpStatusCode,
  };
}
