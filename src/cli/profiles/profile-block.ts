// The profiles of one broker as they are in ~/.aws/config: two settings that Rolegate writes, and whatever people add.
import { findBlock, readSections, replaceBlock } from './aws-config.ts';

export interface Profile {
  readonly name: string;
  /** Those that Rolegate writes: credential_process and region. */
  readonly settings: ReadonlyMap<string, string>;
  /** Lines that people added, as they are. */
  readonly added: readonly string[];
}

const header = /^\s*\[\s*profile\s+["']?(.+?)["']?\s*\]/;

/** The profiles of a block. Rolegate wrote the lines before the first profile. */
export function readProfiles(block: string): Profile[] {
  const profiles: { name: string; settings: Map<string, string>; added: string[] }[] = [];
  for (const line of block.split(/\r?\n/).filter((each) => !/^# (BEGIN|END) rolegate /.test(each))) {
    const name = header.exec(line)?.[1];
    if (name !== undefined) {
      profiles.push({ name, settings: new Map(), added: [] });
      continue;
    }
    const [, setting, value] = /^(credential_process|region)\s*[=:]\s*(.*?)\s*$/i.exec(line) ?? [];
    const profile = profiles.at(-1);
    if (setting === undefined) profile?.added.push(line);
    else profile?.settings.set(setting.toLowerCase(), value!);
  }
  return profiles.map((each) => {
    const isText = (line: string) => line.trim() !== '';
    return {
      ...each,
      added: each.added.slice(0, each.added.findLastIndex(isText) + 1).slice(Math.max(0, each.added.findIndex(isText))),
    };
  });
}

export function profileLines(profiles: readonly Profile[]): string[] {
  return profiles.flatMap(({ name, settings, added }, index) => [
    ...(index === 0 ? [] : ['']),
    `[profile ${name}]`,
    ...[...settings].map(([key, value]) => `${key} = ${value}`),
    ...added,
  ]);
}

/** ARN of the role of a profile that rolegate wrote. */
export function roleOf({ settings }: Profile): string | undefined {
  return / credential-process .*--role "?([^\s"]+)/.exec(settings.get('credential_process') ?? '')?.[1];
}

/** ARN of the second role of a profile that `profiles add` wrote; undefined for those of `profiles sync`. */
export function secondRoleOf({ settings }: { readonly settings: ReadonlyMap<string, string> }): string | undefined {
  return / credential-process .* --then "?([^\s"]+)/.exec(settings.get('credential_process') ?? '')?.[1];
}

/**
 * The same text with a block, where a tool that keeps no comments (Python's configparser) has taken the markers away:
 * sections whose credential_process runs rolegate for this broker move into one.
 */
export function restoreBlock(text: string, broker: string): string {
  if (findBlock(text, broker).block !== '') return text;
  const start = new RegExp(
    `rolegate\\S*(?: \\S+)* credential-process --broker ${broker.replace(/[.[\]]/g, '\\$&')} --role `,
  );
  const isOurs = (value: string | undefined) => start.test(value ?? '');
  const loose = readSections(text).filter(({ settings }) => isOurs(settings.get('credential_process')));
  if (loose.length === 0) return text;
  const chunks = text.split(/^(?=[ \t]*\[)/m);
  const ours = chunks.filter((chunk) =>
    readProfiles(chunk).some((each) => isOurs(each.settings.get('credential_process'))),
  );
  const rest = chunks.filter((chunk) => !ours.includes(chunk)).join('');
  return replaceBlock(rest, broker, profileLines(ours.flatMap(readProfiles)));
}
