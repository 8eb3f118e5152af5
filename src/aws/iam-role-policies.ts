// The inline policy of one name on the roles of one account. For `rolegate-server revoke` alone, with an operator's keys.
import { type IamOptions, iamBounds, openIam, unlessMissing } from './iam-client.ts';

/** @throws Error of the SDK, whose name is AWS's code */
export interface RolePolicies {
  /** The document; undefined where the role or the policy does not exist. */
  read(roleName: string): Promise<unknown>;
  /** @returns false if the inline policies of the role would be too long together */
  write(roleName: string, document: object): Promise<boolean>;
  remove(roleName: string): Promise<void>;
  /** ARNs of all roles. */
  roles(): Promise<string[]>;
}

export function createRolePolicies(policyName: string, options: IamOptions): RolePolicies {
  const open = openIam(options);
  const name = (roleName: string) => ({ RoleName: roleName, PolicyName: policyName });
  return {
    read: (roleName) =>
      unlessMissing(async () => {
        const { sdk, client } = await open();
        const { PolicyDocument: text } = await client.send(new sdk.GetRolePolicyCommand(name(roleName)), iamBounds());
        // IAM API GetRolePolicy: the document is URL-encoded, RFC 3986.
        return JSON.parse(decodeURIComponent(text ?? '')) as unknown;
      }),
    write: async (roleName, document) => {
      const { sdk, client } = await open();
      const members = { ...name(roleName), PolicyDocument: JSON.stringify(document) };
      try {
        await client.send(new sdk.PutRolePolicyCommand(members), iamBounds());
        return true;
      } catch (error) {
        if ((error as Error).name === 'LimitExceededException') return false;
        throw error;
      }
    },
    remove: async (roleName) => {
      const { sdk, client } = await open();
      await unlessMissing(() => client.send(new sdk.DeleteRolePolicyCommand(name(roleName)), iamBounds()));
    },
    roles: async () => {
      const { sdk, client } = await open();
      const found: string[] = [];
      let marker: string | undefined;
      do {
        const page = { MaxItems: 1000, ...(marker === undefined ? {} : { Marker: marker }) };
        const answer = await client.send(new sdk.ListRolesCommand(page), iamBounds());
        found.push(...(answer.Roles ?? []).flatMap(({ Arn }) => Arn ?? []));
        marker = answer.IsTruncated ? answer.Marker : undefined;
      } while (marker !== undefined);
      return found;
    },
  };
}
