// `rolegate console`: opens the federation link for a role. The browser signs in by itself where it has to, so the link
// that is shown holds no secret and can be sent to others; the one that opens may have a handle, for one use.
import { consoleServices, serviceNames } from '../../aws/console-services.ts';
import { partitions } from '../../aws/partitions.ts';
import { consoleHandle } from '../../wire/api.ts';
import { readRoleArn } from '../../wire/role-arn.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { hasBrowser, openBrowser } from '../processes/browser.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { readSignIn } from '../sign-in/tokens.ts';
import { chooseRole } from './roles.ts';

export interface ConsoleOptions {
  readonly broker?: string;
  readonly service?: string;
  readonly path?: string;
  readonly region?: string;
  readonly browser?: string;
  readonly print?: boolean;
  readonly json?: boolean;
  /** Known to be refused: people who use it elsewhere look for it here. */
  readonly then?: string;
}

/** @throws CliError */
export async function openConsole(
  context: CliContext,
  query: string | undefined,
  options: ConsoleOptions,
): Promise<void> {
  if (options.then !== undefined) throw noSecondRole(options.then);
  if (options.service !== undefined) requireService(options.service);
  const broker = brokerOf(context, options.broker);
  const url = new URL('/console', broker);
  const { path: destination, service, region } = options;
  const parameters = { role: await roleFor(context, broker, query), service, destination, region };
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  const browserContext = options.browser ? { ...context, env: { ...context.env, BROWSER: options.browser } } : context;
  // Never with a handle: the output may be kept.
  const show = (opened: boolean) => {
    if (options.json) print(context, printableJson({ url: url.href, opened }));
    else if (!opened) print(context, url.href);
  };
  if (options.print || !hasBrowser(browserContext)) return show(false);
  say(context, `opening ${url.href}`);
  const opened = await openBrowser(browserContext, url.href + (await handleFor(context, broker, url)));
  if (!opened) say(context, 'no browser could be started: open the link yourself');
  show(opened);
}

/**
 * A link for a second role would hold its credentials, where every process can read them: in the browser's command line.
 * The console changes roles by itself.
 */
function noSecondRole(then: string): CliError {
  const names = readRoleArn(then);
  const host = partitions[then.split(':')[1] ?? '']?.signinHost;
  const query = names && new URLSearchParams({ account: names.accountId, roleName: names.name });
  const where = query && host ? ` at https://${host}/switchrole?${query}` : ' in its menu';
  return new CliError('usage', `console has no --then: open it as the first role, then switch roles${where}`);
}

/** What lets this link open without a page that asks, if the browser has a session of the same person. Nothing depends on it. */
async function handleFor(context: CliContext, broker: string, { pathname, search }: URL): Promise<string> {
  if (!readSignIn(context, broker)) return '';
  try {
    const client = createBrokerClient({ ...context, isInteractive: false }, broker);
    const { handle } = await client.post('/api/v1/console-handles', { path: pathname + search }, consoleHandle);
    return /^[\w-]{1,100}$/.test(handle) ? `&handle=${handle}` : '';
  } catch {
    return '';
  }
}

/** @throws CliError usage, with the names that come close */
function requireService(name: string): void {
  if (serviceNames.some((each) => each === name)) return;
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const near = serviceNames.filter((each) => {
    const full = consoleServices[each].name.toLowerCase();
    return letters !== '' && (each.startsWith(letters.slice(0, 3)) || letters.includes(each) || full.includes(letters));
  });
  const hint = near.length > 0 ? `did you mean ${near.slice(0, 5).join(', ')}?` : `known: ${serviceNames.join(', ')}`;
  throw new CliError('usage', `"${name}" is not a console service: ${hint} (--path opens any other page)`);
}

/** The broker's page searches too, and lets people choose: a sign-in is needed only to choose in the terminal. */
async function roleFor(context: CliContext, broker: string, query: string | undefined): Promise<string> {
  const name = query?.trim();
  const isForPage = name && (name.startsWith('arn:') || name.includes('/') || !readSignIn(context, broker));
  if (isForPage) return name;
  return (await chooseRole(context, createBrokerClient(context, broker), query)).roleArn;
}
