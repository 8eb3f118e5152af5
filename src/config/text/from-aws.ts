// Asks AWS for what the configuration refers to: every value once, all at the same time, before the configuration is judged.

import { readStoredValue } from '../../aws/configuration/stored-values.ts';
import { type AwsPlace, awsPlace } from './aws-place.ts';
import { type AwsReference, formOf, parseAwsReference, selectMember, standIn } from './aws-reference.ts';
import type { AwsAnswer, Environment } from './interpolate.ts';

export interface AskOptions {
  /** The configuration, with stand-ins for the values in AWS. */
  readonly draft: unknown;
  readonly env: Environment;
  /** Judges the form of references, and does not ask AWS. */
  readonly isOffline: boolean;
}

/** By reference, without `${` and `}`. Never rejects: a value that AWS does not give is a problem where it is used. */
export async function answersFromAws(
  references: ReadonlySet<string>,
  options: AskOptions,
): Promise<ReadonlyMap<string, AwsAnswer>> {
  const found = options.isOffline ? undefined : awsPlace(options.draft, options.env);
  const texts = new Map<string, Promise<string>>();
  const answers = [...references].map(async (reference): Promise<[string, AwsAnswer]> => {
    const value = standIn(reference);
    const parsed = parseAwsReference(reference);
    if (parsed === undefined) return [reference, { value, problem: formOf(reference) }];
    if (found === undefined) return [reference, { value }];
    if ('problem' in found) return [reference, { value, problem: found.problem }];
    try {
      return [reference, { value: selectMember(await textOf(parsed, found, texts), parsed) }];
    } catch (error) {
      return [reference, { value, problem: (error as Error).message }];
    }
  });
  return new Map(await Promise.all(answers));
}

/** Several members of one secret are one call. */
function textOf(wanted: AwsReference, place: AwsPlace, texts: Map<string, Promise<string>>): Promise<string> {
  const { service, id, stage, region = place.region } = wanted;
  const key = JSON.stringify([service, id, stage, region]);
  const text = texts.get(key) ?? readStoredValue({ service, id, stage, region }, place);
  texts.set(key, text);
  return text;
}
