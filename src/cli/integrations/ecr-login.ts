// `rolegate ecr-login`: Docker's credential helper protocol for ECR. A password goes to a registry of ECR only, which its
// name shows; for any other, Docker is told that there is none here and goes on.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { dnsSuffixOf } from '../../aws/partitions.ts';
import { signRequest } from '../curl/curl-sign.ts';
import { readTarget } from '../curl/curl-target.ts';
import { type CliContext, print } from '../machine/context.ts';
import { CliError, failureText } from '../machine/errors.ts';
import { sendRequest } from '../machine/http.ts';
import { endpointVariable, type IntegrationOptions, obtainRole, readInputText } from './integration-role.ts';

interface Registry {
  readonly accountId: string;
  readonly region: string;
  readonly dnsSuffix: string;
}

/** @throws CliError */
export async function ecrLogin(context: CliContext, action: string, options: IntegrationOptions): Promise<void> {
  if (action === 'list') return print(context, '{}');
  if (!['get', 'store', 'erase'].includes(action)) {
    throw new CliError('usage', `"${action}" is not one of get, store, erase, list`);
  }
  const server = (await readInputText(context)).trim();
  // Nothing is kept, so nothing can be stored or erased; an error would fail `docker login` and `docker logout`.
  if (action !== 'get') return;
  try {
    print(context, JSON.stringify(await credentialsFor(context, server, options)));
  } catch (error) {
    // Docker shows a helper's standard output, not its standard error.
    print(context, failureText(error));
    throw error;
  }
}

async function credentialsFor(context: CliContext, server: string, options: IntegrationOptions) {
  const host = server.replace(/^https:\/\//, '').replace(/\/.*$/, '');
  const [, accountId, region = '', dnsSuffix = ''] =
    /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.([a-z0-9.-]+)$/.exec(host) ?? [];
  const registry =
    accountId === undefined || dnsSuffixOf(region) !== dnsSuffix ? undefined : { accountId, region, dnsSuffix };
  // Docker knows this sentence, and asks the registry without a password then.
  if (registry === undefined) throw new CliError('failed', 'credentials not found in native keychain');
  const { role, ...rest } = options;
  if (role === undefined) throw new CliError('usage', 'no role was given: --role NAME, of the account of the registry');
  // With --then the registry is in the account of the second role.
  const isWhole = role.includes('/') || role.startsWith('arn:') || role.trim() === '' || rest.then !== undefined;
  const named = { ...rest, role: isWhole ? role : `${registry.accountId}/${role}`, region: registry.region };
  const { credentials } = await obtainRole(context, named);
  const [Username, Secret] = await authorizationToken(context, registry, credentials);
  return { ServerURL: server, Username, Secret };
}

const answer = z.object({ authorizationData: z.array(z.object({ authorizationToken: z.string() })).min(1) });
const refusal = z.object({ __type: z.string(), message: z.string().optional() });

/** @returns user name and password. @throws CliError denied, network, clock */
async function authorizationToken(
  context: CliContext,
  { region, dnsSuffix }: Registry,
  credentials: Parameters<typeof signRequest>[0]['credentials'],
): Promise<[string, string]> {
  const endpoint = endpointVariable(context, 'ecr') ?? `https://api.ecr.${region}.${dnsSuffix}`;
  const target = readTarget(`${endpoint}/`, { service: 'ecr', region });
  const body = '{}';
  const headers = await signRequest({
    method: 'POST',
    target,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    },
    payloadHash: createHash('sha256').update(body).digest('hex'),
    credentials,
    now: context.clock.now(),
  });
  const { status, body: answered } = await sendRequest(context, { method: 'POST', url: `${endpoint}/`, headers, body });
  const { authorizationData: [first] = [] } = answer.safeParse(answered).data ?? {};
  const [, user, password] =
    /^([^:]+):(.+)$/s.exec(Buffer.from(first?.authorizationToken ?? '', 'base64').toString()) ?? [];
  if (user !== undefined && password !== undefined) return [user, password];
  const { __type = `status ${status}`, message = '' } = refusal.safeParse(answered).data ?? {};
  throw new CliError('denied', `ECR says ${__type}: ${message}`);
}
