// A session that works from some addresses only: the statement of its session policy that says so.

/** STS API: an inline session policy has at most so many characters. */
export const maxPolicyLength = 2048;

const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' };

/**
 * The inline policy with that statement. A session has what some statement of its policies allows: without any policy
 * besides, the statement needs one that allows everything the role does.
 * @param limits the policies that the session has already
 */
export function restrictedPolicy(
  addresses: readonly string[],
  limits: { readonly policy: string | undefined; readonly policyArns: readonly string[] },
): string {
  const deny = {
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: {
      NotIpAddress: { 'aws:SourceIp': addresses },
      // Calls that a service makes for the person come from the service's addresses. IfExists: without the key it denies.
      BoolIfExists: { 'aws:ViaAWSService': 'false' },
    },
  };
  if (limits.policy === undefined) {
    const statements = limits.policyArns.length > 0 ? [deny] : [allowAll, deny];
    return JSON.stringify({ Version: '2012-10-17', Statement: statements });
  }
  const { Statement: own, ...document } = JSON.parse(limits.policy) as { readonly Statement?: unknown };
  return JSON.stringify({ ...document, Statement: [own ?? [], deny].flat() });
}
