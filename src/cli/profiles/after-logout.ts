// What `rolegate logout` leaves: profiles and settings hold no secret, and are there for the next sign-in.
import { existsSync } from 'node:fs';
import { type CliContext, say } from '../machine/context.ts';
import { brokerOf, settingsFile } from '../machine/settings.ts';
import { awsFiles, readBytes } from './aws-config-file.ts';
import { profilesOf } from './profile-list.ts';

export function sayWhatStays(context: CliContext, option: string | undefined): void {
  const broker = brokerOf(context, option);
  const { config } = awsFiles(context);
  if (hasProfiles(config, broker)) {
    say(context, `Its profiles stay in ${config}: \`rolegate profiles remove --broker ${broker}\` removes them.`);
  }
  const settings = settingsFile(context);
  if (existsSync(settings)) say(context, `The settings stay in ${settings}: delete the file to remove them.`);
}

function hasProfiles(config: string, broker: string): boolean {
  try {
    return profilesOf(readBytes(config), broker).length > 0;
  } catch {
    return false; // a file that cannot be read is not what signing out is about
  }
}
