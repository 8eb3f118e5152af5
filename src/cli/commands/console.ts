// `rolegate console`: opens the federation link for a role. The browser signs in by itself where it has to, so the link
// holds no secret and can be sent to others.
import { type Command, Option } from 'commander';
import { hasBrowser, openBrowser } from '../machine/browser.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { brokerOf } from '../machine/settings.ts';
import { chooseRole } from '../roles/roles.ts';
import { createBrokerClient } from '../sign-in/broker-client.ts';
import { readSignIn } from '../sign-in/tokens.ts';

interface ConsoleOptions {
  readonly broker?: string;
  readonly service?: string;
  readonly path?: string;
  readonly region?: string;
  readonly browser?: string;
  readonly print?: boolean;
}

export function addConsole(program: Command, context: CliContext): void {
  program
    .command('console')
    .description('open the AWS console as a role, in the browser')
    .argument('[role...]', 'role ARN, account/role with the id or alias, or words of its name; asks where several fit')
    .option('--broker <url>', 'address of the broker')
    .option('--service <name>', 'service to land on, such as s3 or cloudwatch')
    .addOption(new Option('--path <path>', 'console path or address to land on').conflicts('service'))
    .option('--region <name>', "region of the console; the account's own by default")
    .option('--browser <command>', 'what to open it with; %s stands for the address')
    .option('--print', 'print the link, and open nothing')
    .action((words: string[], options: ConsoleOptions) => openConsole(context, words.join(' '), options));
}

async function openConsole(context: CliContext, words: string, options: ConsoleOptions): Promise<void> {
  const broker = brokerOf(context, options.broker);
  const { path: destination, service, region } = options;
  const url = consoleLink({ broker, role: await roleFor(context, broker, words), service, destination, region });
  const env = options.browser ? { ...context.env, BROWSER: options.browser } : context.env;
  if (options.print || !hasBrowser({ ...context, env })) {
    print(context, url);
    return;
  }
  say(context, `opening ${url}`);
  if (await openBrowser({ env }, url)) return;
  say(context, 'no browser could be started: open the link yourself');
  print(context, url);
}

/** The broker's page reads words too, and lets people choose: a sign-in is needed here only to choose in the terminal. */
async function roleFor(context: CliContext, broker: string, words: string): Promise<string> {
  const isName = words.startsWith('arn:') || words.includes('/');
  if (isName || (words !== '' && !readSignIn(context, broker))) return words;
  return (await chooseRole(context, createBrokerClient(context, broker), words)).roleArn;
}

interface ConsoleLinkInput {
  readonly broker: string;
  readonly role: string;
  readonly service: string | undefined;
  readonly destination: string | undefined;
  readonly region: string | undefined;
}

function consoleLink({ broker, ...parameters }: ConsoleLinkInput): string {
  const url = new URL('/console', broker);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}
