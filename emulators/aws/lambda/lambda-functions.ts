// The Lambda functions of the estate and what their URLs hand them: payload format 2.0, as far as a function reads it.
import type { EstateIndex } from '../estate.ts';

/** A function with a URL. */
export interface EmulatedFunction {
  readonly name: string;
  /** First label of its URL, `ID.lambda-url.REGION.on.aws`: letters and digits. */
  readonly urlId: string;
  readonly region: string;
  readonly authType: 'AWS_IAM' | 'NONE';
  handler(event: FunctionUrlEvent): FunctionUrlResult | Promise<FunctionUrlResult>;
}

/** What the function is told about the request. */
export interface FunctionUrlEvent {
  readonly version: '2.0';
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly http: { readonly method: string; readonly path: string; readonly sourceIp: string };
    /** With AWS_IAM. */
    readonly authorizer?: {
      readonly iam: { readonly accountId: string; readonly userArn: string; readonly userId: string };
    };
  };
}

/** What the function answers. */
interface FunctionUrlResult {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A function in its account. */
export interface FunctionRecord extends EmulatedFunction {
  readonly arn: string;
  readonly accountId: string;
}

export function findFunction(estate: EstateIndex, urlId: string): FunctionRecord | undefined {
  for (const { id, functions = [] } of estate.accounts.values()) {
    const found = functions.find((candidate) => candidate.urlId === urlId);
    if (found === undefined) continue;
    return {
      ...found,
      arn: `arn:${estate.partition}:lambda:${found.region}:${id}:function:${found.name}`,
      accountId: id,
    };
  }
  return undefined;
}
