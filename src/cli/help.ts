// What `--help` says besides options: groups, examples, exit codes, the environment, and where to read more.
import type { Command } from 'commander';
import type { CliContext } from './machine/context.ts';
import { readSettings } from './machine/settings.ts';

interface CommandHelp {
  readonly group: string;
  /** Lines to type, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[];
}

const [start, signIn, credentials, console, profiles, tools] = [
  'Set up:',
  'Sign in:',
  'Use credentials:',
  'Roles and the AWS console:',
  'Profiles for the AWS CLI and SDKs:',
  'For other tools:',
];

/** By command; those of a group are shown in this order. */
const help: Readonly<Record<string, CommandHelp>> = {
  init: { group: start, examples: [['rolegate init aws.example.com', 'use this broker']] },
  brokers: {
    group: start,
    examples: [
      ['rolegate brokers', 'list them'],
      ['rolegate brokers use lab.example.com', 'use another one from now on'],
    ],
  },
  doctor: {
    group: start,
    examples: [
      ['rolegate doctor', 'check this machine'],
      ['rolegate doctor --json', 'the same for a support ticket'],
    ],
  },
  'shell-init': {
    group: start,
    examples: [
      ['eval "$(rolegate shell-init bash)"', 'in ~/.bashrc (zsh: in ~/.zshrc)'],
      ['rolegate shell-init fish | source', 'in ~/.config/fish/config.fish'],
    ],
  },
  completion: { group: start, examples: [['eval "$(rolegate completion bash)"', 'completion alone, in ~/.bashrc']] },
  update: {
    group: start,
    examples: [
      ['rolegate update', 'install the newest signed release that the broker offers'],
      ['rolegate update --check', 'only say whether there is one'],
    ],
  },
  version: { group: start, examples: [['rolegate version --json', 'version, Node and platform']] },
  login: {
    group: signIn,
    examples: [
      ['rolegate login', 'sign in with your browser'],
      ['rolegate login --remote', 'on a machine without a browser: paste one line'],
      ['rolegate login --step-up payments-prod/Admin', 'sign in with what that role requires'],
    ],
  },
  logout: {
    group: signIn,
    examples: [
      ['rolegate logout', 'end the sign-in, remove tokens and credentials'],
      ['rolegate logout --all', 'on every machine of yours'],
    ],
  },
  whoami: { group: signIn, examples: [['rolegate whoami', 'ask the broker who you are']] },
  status: {
    group: signIn,
    examples: [
      ['rolegate status', 'how long sign-in and credentials last, from files alone'],
      ['rolegate status --json', 'the same for a prompt or a script'],
    ],
  },
  exec: {
    group: credentials,
    examples: [
      ['rolegate exec payments-dev/Developer -- aws s3 ls', 'run one command'],
      ['rolegate exec payments-dev/Developer', 'open a shell with the role'],
      ['rolegate exec payments-dev/Developer --min-ttl 45m -- terraform apply', 'begin with 45 minutes at least'],
      ['rolegate exec --server --role payments-dev/Developer -- ./nightly-import', 'renew while it runs'],
      [
        'rolegate exec payments-dev/Developer --then arn:aws:iam::111122223333:role/Deploy -- cdk deploy',
        'through a second role',
      ],
    ],
  },
  export: {
    group: credentials,
    examples: [
      ['eval "$(rolegate export payments-dev/Developer)"', 'bash, zsh'],
      ['rolegate export payments-dev/Developer --shell fish | source', 'fish'],
      ['eval "$(rolegate export --unset)"', 'remove them again'],
    ],
  },
  serve: {
    group: credentials,
    examples: [['rolegate serve payments-dev/Developer --shell bash', 'an endpoint for programs beside it']],
  },
  'credential-process': {
    group: credentials,
    examples: [['rolegate credential-process --role arn:aws:iam::444455556666:role/Developer', 'what profiles run']],
  },
  mfa: {
    group: credentials,
    examples: [['rolegate mfa --profile carol', "a session with your IAM user's second factor"]],
  },
  roles: {
    group: console,
    examples: [
      ['rolegate roles', 'list all'],
      ['rolegate roles prod admin', 'those with both words in their names'],
    ],
  },
  pick: { group: console, examples: [['rolegate exec --role "$(rolegate pick)" -- aws s3 ls', 'choose, then run']] },
  console: {
    group: console,
    examples: [
      ['rolegate console payments-prod/ReadOnly --service cloudwatch', 'open a service'],
      ['rolegate console payments-prod/ReadOnly --print', 'a link to send'],
    ],
  },
  profiles: {
    group: profiles,
    examples: [
      ['rolegate profiles sync', 'write a profile for each role'],
      ['rolegate profiles sync prod --dry-run', 'what would change for roles with "prod" in their names'],
      [
        'rolegate profiles add deploy --role payments-dev/Developer --then arn:aws:iam::111122223333:role/Deploy',
        'a profile of a second role',
      ],
      ["rolegate profiles sync --template '{environment}/{name}/{role}'", 'other names, remembered'],
    ],
  },
  curl: {
    group: tools,
    examples: [
      ['rolegate curl --role payments-dev/Developer https://abc.lambda-url.eu-west-1.on.aws/', 'a signed GET'],
    ],
  },
  'ecr-login': { group: tools, examples: [['rolegate ecr-login get', 'what docker-credential-rolegate runs']] },
  'eks-token': {
    group: tools,
    examples: [['rolegate eks-token --cluster-name prod --role payments-dev/Developer', 'what kubectl runs']],
  },
  'rds-token': {
    group: tools,
    examples: [
      ['rolegate rds-token --hostname db.example.com --port 5432 --username app --role payments-dev/Developer', ''],
    ],
  },
  presign: {
    group: tools,
    examples: [['rolegate presign s3://invoices/2026/7.pdf --role payments-dev/Developer', 'a link for an hour']],
  },
  'codecommit-credential': {
    group: tools,
    examples: [["git config credential.helper '!rolegate codecommit-credential --role payments-dev/Developer $@'", '']],
  },
};

const exits = `Exit codes:
  0  done                                  4  denied, by policy or by a person
  1  failed                                5  the broker cannot be reached
  2  wrong words or settings               6  this machine's clock is wrong
  3  sign in, or sign in more strongly     7  another rolegate process takes too long
  \`exec\` ends as its program does.`;

const environment = `Environment:
  ROLEGATE_URL                 broker to use, before the settings
  HTTPS_PROXY, NO_PROXY        proxy, as curl reads them
  ROLEGATE_CA_BUNDLE           file with your company's authorities (also AWS_CA_BUNDLE, NODE_EXTRA_CA_CERTS)
  BROWSER                      command that opens addresses; %s is the address
  CI, ROLEGATE_NO_INTERACTIVE  ask nothing, open nothing
  ROLEGATE_NO_UPDATE_NOTICE    do not mention newer versions
  ROLEGATE_CONFIG_HOME, ROLEGATE_STATE_HOME, ROLEGATE_CACHE_HOME  other folders`;

const firstDay = `First day:
  rolegate init aws.example.com                        # once
  rolegate login                                       # once a day
  rolegate profiles sync                               # once, and when your roles change
  aws s3 ls --profile payments-dev-Developer
  rolegate exec payments-dev/Developer -- terraform plan`;

/** Groups, examples and the end of every page of help. */
export function addHelp(program: Command, context: CliContext): void {
  const { defaultBroker } = readSettings(context);
  const where = context.env['ROLEGATE_URL'] ?? defaultBroker ?? 'https://your-broker';
  const more = `Documentation: ${where.replace(/\/$/, '')}/cli, and docs/command-line.md of the release`;
  program.addHelpText('after', `\n${[firstDay, exits, environment, more].join('\n\n')}`);
  for (const command of program.commands) {
    const { group, examples } = help[command.name()] ?? {};
    if (group === undefined || examples === undefined) continue;
    command.helpGroup(group);
    const lines = examples.map(([line, does]) => (does ? `  ${line}\n      ${does}` : `  ${line}`));
    command.addHelpText('after', `\n${['Examples:', ...lines].join('\n')}\n\n${exits}\n\n${more}`);
    for (const each of [command, ...command.commands])
      each.showHelpAfterError(`see \`rolegate ${pathOf(each)} --help\``);
  }
  const order = Object.keys(help);
  (program.commands as Command[]).sort((one, other) => order.indexOf(one.name()) - order.indexOf(other.name()));
}

function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${parent.name()} ${command.name()}` : command.name();
}
