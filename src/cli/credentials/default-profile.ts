// SDKs ask a credentials endpoint last. What the default profile has comes first, and then the endpoint is never asked.

import { type CliContext, say } from '../machine/context.ts';
import { readSections } from '../profiles/aws-config.ts';
import { awsFiles, readBytes } from '../profiles/aws-config-file.ts';

const sources = /^(aws_access_key_id|sso_\w+|role_arn|credential_process|web_identity_token_file|login_session)$/;

/** Prints one line to standard error for each file in which the default profile contains credentials. */
export function warnOfDefaultProfile(context: CliContext): void {
  for (const file of Object.values(awsFiles(context))) {
    const sections = readSections(readBytes(file)).filter(({ header }) => header === 'default' || header === 'DEFAULT');
    const found = sections.flatMap(({ settings }) => [...settings.keys()]).find((name) => sources.test(name));
    if (found !== undefined) {
      say(context, `rolegate: [default] in ${file} has ${found}, which SDKs take before the credentials endpoint`);
    }
  }
}
