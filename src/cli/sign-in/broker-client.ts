// The broker's JSON API for a person who is signed in here: adds the token, and says what a refusal means.
import * as z from 'zod';
import { me } from '../../wire/api.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { type HttpAnswer, type HttpRequest, sendRequest } from '../machine/http.ts';
import { printable } from '../machine/printable.ts';
import { accessToken } from './access-token.ts';
import { sendWithProof } from './proof-request.ts';
import { endedSignIn, type SignIn, signInCommand } from './tokens.ts';
import { withSignIn } from './with-sign-in.ts';

/** All throw CliError: login, denied, network, clock, busy, or failed. */
export interface BrokerClient {
  /** Its origin. */
  readonly broker: string;
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  put<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T>;
  delete(path: string): Promise<void>;
}

export function createBrokerClient(context: CliContext, broker: string): BrokerClient {
  const send = (method: HttpRequest['method'], path: string, body?: unknown) =>
    withSignIn(context, broker, async () => {
      const answer = await sendAuthorized(context, broker, { method, url: broker + path, body });
      if (answer.status >= 200 && answer.status < 300) return answer.body;
      throw refusal(context, broker, answer, body);
    });
  return {
    broker,
    get: async (path, schema) => parse(broker, schema, await send('GET', path)),
    post: async (path, body, schema) => parse(broker, schema, await send('POST', path, body)),
    put: async (path, body, schema) => parse(broker, schema, await send('PUT', path, body)),
    delete: async (path) => void (await send('DELETE', path)),
  };
}

interface Call {
  readonly method: HttpRequest['method'];
  readonly url: string;
  readonly body: unknown;
}

/** Once more with a new token, if the broker does not take one that still has time: it may have been restarted. */
async function sendAuthorized(context: CliContext, broker: string, call: Call): Promise<HttpAnswer> {
  const signIn = await accessToken(context, broker);
  const answer = await sendWith(context, signIn, call);
  if (answer.status !== 401) return answer;
  return sendWith(context, await accessToken(context, broker, signIn.accessToken), call);
}

/** As RFC 6750 or, where the sign-in has a key, RFC 9449 want it. */
async function sendWith(context: CliContext, signIn: SignIn, call: Call): Promise<HttpAnswer> {
  const { method, url, body } = call;
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  const text = body === undefined ? undefined : JSON.stringify(body);
  const { accessToken: token, key } = signIn;
  if (key !== undefined) return sendWithProof(context, signIn, key, { method, url, headers, text });
  headers['authorization'] = `Bearer ${token}`;
  return sendRequest(context, { method, url, headers, ...(text === undefined ? {} : { body: text }) });
}

/** Who a sign-in is of that is not kept yet. @throws CliError */
export async function askWho(context: CliContext, signIn: SignIn): Promise<z.output<typeof me>> {
  const { broker } = signIn;
  const answer = await sendWith(context, signIn, { method: 'GET', url: `${broker}/api/v1/me`, body: undefined });
  if (answer.status !== 200) throw refusal(context, broker, answer, undefined);
  return parse(broker, me, answer.body);
}

const problem = z.object({ code: z.string(), title: z.string(), detail: z.string(), requestId: z.string().optional() });

function refusal(context: CliContext, broker: string, { status, body }: HttpAnswer, sent: unknown): CliError {
  const { host } = new URL(broker);
  const { data } = problem.safeParse(body);
  if (status === 401) return endedSignIn(context, broker);
  if (data?.code === 'step_up_required') {
    const stepUpRole = (sent as { roleArn?: string } | undefined)?.roleArn;
    const command = signInCommand(context, broker, `--step-up ${stepUpRole ?? 'ROLE'}`);
    const message = `this role asks for a stronger or a newer sign-in: run \`${command}\``;
    return new CliError('login', message, { stepUpRole });
  }
  const said = data ? printable(`${data.title}: ${data.detail}`) : `status ${status}`;
  const request = data?.requestId ? ` (request ${printable(data.requestId)})` : '';
  // 502 is AWS's refusal of the broker's own role: the broker itself was reached.
  const isAnswer = status < 500 || (status === 502 && data !== undefined);
  const exit = status === 403 ? 'denied' : isAnswer ? 'failed' : 'network';
  return new CliError(exit, `${host}: ${said}${request}`);
}

/** A newer broker may say more than this command knows: unknown fields are ignored, a missing one is an error. */
function parse<T>(broker: string, schema: z.ZodType<T>, body: unknown): T {
  const first = schema.safeParse(body);
  if (first.success) return first.data;
  for (const issue of first.error.issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = issue.path.reduce((value, key) => (value as Record<PropertyKey, unknown>)[key], body);
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  const second = schema.safeParse(body);
  if (second.success) return second.data;
  const { host } = new URL(broker);
  throw new CliError('failed', `${host} answered in a way that this version does not know: get the current one there`, {
    cause: second.error,
  });
}
