// `rolegate doctor`: what stands between this machine and the broker, each with what to do about it.
import type { Command } from 'commander';
import { type CliContext, print } from './context.ts';
import { CliError } from './errors.ts';
import { brokerOf } from './settings.ts';

export function addDoctor(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description('check what this machine needs to use the broker')
    .option('--broker <url>', 'address of the broker')
    .option('--json', 'print JSON')
    .action(async (options: { broker?: string; json?: boolean }) => {
      const broker = brokerOf(context, options.broker);
      const checks = await doctor(broker, { env: context.env, fetch: globalThis.fetch, now: context.clock.now });
      const lines = checks.map(({ ok, name, detail }) => `${ok ? 'ok ' : 'BAD'}  ${name}: ${detail}`);
      print(context, options.json ? JSON.stringify({ checks }, null, 2) : lines.join('\n'));
      if (checks.some((check) => !check.ok)) throw new CliError('network', 'something is not as it should be');
    });
}

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface DoctorDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => Date;
}

const timeoutMs = 10_000;
/** AWS refuses signed requests whose time is further off than 15 minutes; sign-ins get less. */
const maxClockDifferenceMs = 2 * 60_000;

export async function doctor(broker: string, deps: DoctorDeps): Promise<Check[]> {
  const node = Number(process.versions.node.split('.')[0]);
  return [
    { name: 'node', ok: node >= 20, detail: `${process.version}${node < 22 ? ', past its end of life: use 24' : ''}` },
    ...(await checkBroker(broker, deps)),
    checkShadowing(deps.env),
  ];
}

async function checkBroker(broker: string, { fetch, now }: DoctorDeps): Promise<Check[]> {
  try {
    const response = await fetch(new URL('/saml/metadata', broker), { signal: AbortSignal.timeout(timeoutMs) });
    const isBroker = response.ok && (await response.text()).includes('SPSSODescriptor');
    const detail = isBroker ? 'answers' : `answered ${response.status}, but not as Rolegate does: check the address`;
    return [{ name: 'broker', ok: isBroker, detail }, checkClock(response.headers.get('date'), now())];
  } catch (error) {
    const { message, cause } = error as Error & { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message ?? message;
    const hint = /CERT|SELF_SIGNED|ISSUER/.test(why) ? "; set NODE_EXTRA_CA_CERTS to your company's CA file" : '';
    return [{ name: 'broker', ok: false, detail: `${broker} cannot be reached (${why})${hint}` }];
  }
}

function checkClock(date: string | null, now: Date): Check {
  const difference = Math.abs(now.getTime() - Date.parse(date ?? ''));
  const ok = difference <= maxClockDifferenceMs;
  const seconds = Math.round(difference / 1000);
  return {
    name: 'clock',
    ok,
    detail: ok ? `${seconds} s from the broker's` : `${seconds} s off: set this machine's clock`,
  };
}

// The SDKs take keys from the environment before any profile.
function checkShadowing(env: DoctorDeps['env']): Check {
  const set = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE'].filter(
    (name) => env[name],
  );
  const detail = set.length === 0 ? 'no AWS variables are set' : `${set.join(', ')} take precedence over every profile`;
  return { name: 'environment', ok: true, detail };
}
