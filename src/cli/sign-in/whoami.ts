// `rolegate whoami`: the person, as the broker sees them now.
import { me } from '../../wire/api.ts';
import { type CliContext, print } from '../machine/context.ts';
import { printable, printableJson } from '../machine/printable.ts';
import { brokerOf } from '../machine/settings.ts';
import { describeEnd } from '../machine/time-left.ts';
import { createBrokerClient } from './broker-client.ts';

export interface WhoamiOptions {
  readonly broker?: string;
  readonly json?: boolean;
}

/** @throws CliError */
export async function printIdentity(context: CliContext, options: WhoamiOptions): Promise<void> {
  const broker = brokerOf(context, options.broker);
  const person = await createBrokerClient(context, broker).get('/api/v1/me', me);
  if (options.json) return print(context, printableJson({ broker, ...person }));
  const name = person.displayName === person.user ? '' : ` (${printable(person.displayName)})`;
  const end = describeEnd(context, person.expiresAt);
  print(context, `${printable(person.user)}${name} at ${new URL(broker).host}, signed in ${end}`);
}
