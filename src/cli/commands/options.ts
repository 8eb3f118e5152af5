// Options and words that several commands share. No module of theirs: a command loads what it runs, and `--help` nothing.
import { type Command, Option } from 'commander';

/** For an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []) => [...before, value];

/** The words of a command as one query: none is another thing than an empty one. */
export function queryOf(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : words.join(' ');
}

export function addSessionOptions(command: Command): Command {
  return addSecondRole(command)
    .option('--duration <time>', 'session duration, such as 1h or 900; by default the maximum that the rule allows')
    .option('--min-ttl <time>', 'get new credentials if fewer than this are left; fail if that is impossible')
    .addOption(
      new Option(
        '--policy <json>',
        'inline session policy, or file://PATH: the session has what role and policy both allow',
      ).conflicts('policyId'),
    )
    .option('--policy-id <id>', "a session policy that your company's configuration names, such as read-only");
}

/** Role chaining. */
export function addSecondRole(command: Command, { isRequired = false } = {}): Command {
  const what = 'assume this role too, with the credentials of the first one: the whole ARN, for up to 1h';
  return command
    .addOption(new Option('--then <arn>', what).makeOptionMandatory(isRequired))
    .option('--external-id <id>', 'external id that the trust policy of the second role asks for');
}
