// The way to the broker, for `rolegate doctor`: proxy, certificates, name, answer, clock, sign-in.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import * as tls from 'node:tls';
import { me } from '../../wire/api.ts';
import { authorizationServer } from '../../wire/oauth.ts';
import { bundleSource, readBundle } from '../machine/authorities.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError, failureText } from '../machine/errors.ts';
import { createAgent, openRequest, readText } from '../machine/http.ts';
import { networkError } from '../machine/network-error.ts';
import { printable } from '../machine/printable.ts';
import { proxyFor } from '../machine/proxy.ts';
import { describeEnd } from '../machine/time-left.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { readSignIn, signInCommand } from '../sign-in/tokens.ts';
import { type Check, failed, ok, warning } from './doctor-check.ts';

export async function checkBroker(context: CliContext, broker: string): Promise<Check[]> {
  const proxy = checkProxy(context, broker);
  const before = [proxy, checkAuthorities(context, broker)];
  // With a proxy, names are its matter.
  if (proxy.detail === noProxy) before.push(await checkName(new URL(broker).hostname));
  const answered = await checkAnswer(context, broker);
  const isReached = answered.every(({ status }) => status !== 'failed');
  return [...before, ...answered, await checkSignIn(context, broker, isReached)];
}

/** What can be said of the way to any broker. @param why none is known */
export function checkWithoutBroker(context: CliContext, { message }: CliError): Check[] {
  const somewhere = 'https://broker.invalid';
  const advice = 'run `rolegate init https://your-broker`';
  return [
    checkProxy(context, somewhere),
    checkAuthorities(context, somewhere),
    failed('broker', message, advice, 'usage'),
  ];
}

/** Without a name and a password of the proxy's own. */
function checkProxy(context: CliContext, broker: string): Check {
  try {
    return ok('proxy', proxyFor(context.env, new URL(broker))?.origin ?? noProxy);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return failed('proxy', error.message, 'correct or unset the variable', 'network');
  }
}

const noProxy = 'none for this broker';

function checkAuthorities(context: CliContext, broker: string): Check {
  const source = bundleSource(context, broker);
  const known = 'getCACertificates' in tls ? "Node's and the system's authorities" : "Node's own authorities";
  if (!source) return ok('ca', known);
  try {
    const { certificates, broken } = readBundle({ ...context, onIgnoredFile: undefined }, source);
    const detail = `${certificates.length} more from ${source.name}, ${source.file}`;
    if (broken.length === 0) return ok('ca', detail);
    return warning('ca', `${detail}, without ${broken.join(', ')}`, 'remove what cannot be read');
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return failed('ca', error.message, 'name another file, or none', 'network');
  }
}

async function checkName(hostname: string): Promise<Check> {
  if (isIP(hostname.replace(/[[\]]/g, ''))) return ok('dns', `${hostname} is an address`);
  try {
    const found = await lookup(hostname, { all: true });
    return ok('dns', `${hostname} is ${found.map(({ address }) => address).join(', ')}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return failed('dns', `${hostname} is not known here (${code})`, 'is the address right, and the VPN on?', 'network');
  }
}

const timeoutMs = 15_000;
const maxBytes = 1024 * 1024;

/** Not through sendRequest(): that refuses a wrong clock, and here it is measured. */
async function checkAnswer(context: CliContext, broker: string): Promise<Check[]> {
  try {
    const { status, date, body } = await ask(context, broker);
    const clock = checkClock(date, context.clock.now());
    const { data } = authorizationServer.safeParse(body);
    if (status === 200 && data?.issuer === broker) return [ok('broker', `${data.rolegate.name} answers`), clock];
    const detail = `${broker} answered (${status}), but not as this broker does`;
    return [failed('broker', detail, 'is the address right?', 'network'), clock];
  } catch (error) {
    // The CA file has been named above.
    const { message } = error instanceof CliError ? error : networkError(new URL(broker).host, error);
    return [failed('broker', message, 'check the address, the VPN, and what proxy, ca and dns say above', 'network')];
  }
}

async function ask(context: CliContext, broker: string) {
  const agent = createAgent(context, broker);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const url = `${broker}/.well-known/oauth-authorization-server`;
    const answer = await openRequest(agent, { method: 'GET', url, headers: { accept: 'application/json' }, signal });
    const text = await readText(answer, maxBytes);
    const isJson = /^application\/json\b/.test(String(answer.headers['content-type']));
    return { status: answer.statusCode, date: answer.headers['date'], body: isJson ? JSON.parse(text) : undefined };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    agent.destroy();
  }
}

/** AWS refuses signatures of more than 5 minutes off; before that there is time to mend it. */
const [worryMs, maxMs] = [60_000, 5 * 60_000];

function checkClock(date: string | string[] | undefined, now: Date): Check {
  const difference = now.getTime() - Date.parse(String(date));
  if (Number.isNaN(difference))
    return warning('clock', 'the broker does not say what time it is', 'compare it yourself');
  const seconds = Math.round(Math.abs(difference) / 1000);
  const detail = `${seconds} s ${difference > 0 ? 'ahead of' : 'behind'} the broker's`;
  if (Math.abs(difference) > maxMs) return failed('clock', detail, "set this machine's clock", 'clock');
  return Math.abs(difference) > worryMs ? warning('clock', detail, "set this machine's clock") : ok('clock', detail);
}

async function checkSignIn(context: CliContext, broker: string, isReached: boolean): Promise<Check> {
  const advice = `run \`${signInCommand(context, broker)}\``;
  const found = readSignIn(context, broker);
  if (!found) return failed('sign-in', 'none on this machine', advice, 'login');
  if (!isReached)
    return warning('sign-in', 'there is one, which could not be tried', 'try again when the broker answers');
  try {
    const { user, expiresAt } = await createBrokerClient(context, broker).get('/api/v1/me', me);
    return ok('sign-in', `${printable(user)}, ${describeEnd(context, expiresAt)}`);
  } catch (error) {
    if (error instanceof CliError) {
      return failed('sign-in', error.message, error.exit === 'login' ? advice : 'try again', error.exit);
    }
    // A state folder that cannot be written has no lock.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return failed('sign-in', failureText(error), 'make that folder writable for you');
  }
}
