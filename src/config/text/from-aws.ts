// Asks AWS for what the configuration refers to: every value once, all at the same time, before the configuration is judged.

import { readStoredValue, type StoredValuePlace } from '../../aws/configuration/stored-values.ts';
import { createOwnIdentity } from '../../aws/own-identity.ts';
import { awsSchema } from '../aws-section.ts';
import { resolvePartition } from '../partition.ts';
import { isAwsHost, redirectedSdk } from '../production/aws-hosts.ts';
import { type AwsReference, formOf, parseAwsReference, selectMember, standIn } from './aws-reference.ts';
import { isRecord } from './include.ts';
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
  const found = options.isOffline ? undefined : placeOf(options);
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

interface Place extends StoredValuePlace {
  readonly region: string;
}

/** Several members of one secret are one call. */
function textOf(wanted: AwsReference, place: Place, texts: Map<string, Promise<string>>): Promise<string> {
  const { service, id, stage, region = place.region } = wanted;
  const key = JSON.stringify([service, id, stage, region]);
  const text = texts.get(key) ?? readStoredValue({ service, id, stage, region }, place);
  texts.set(key, text);
  return text;
}

/**
 * Undefined if the section `aws` is not good, which is said elsewhere. What production refuses is refused here as well: the
 * whole configuration is judged only when AWS has answered.
 */
function placeOf({ draft, env }: AskOptions): Place | { readonly problem: string } | undefined {
  const parsed = awsSchema.safeParse(isRecord(draft) ? draft['aws'] : undefined);
  const partition = parsed.data && resolvePartition(parsed.data, [], []);
  if (!parsed.data || !partition) return undefined;
  const { region, fips, endpoints } = parsed.data;
  const isProduction = isRecord(draft) && draft['mode'] !== 'development';
  const own = { secretsmanager: endpoints.secretsManager, ssm: endpoints.ssm };
  const isRelaxed = Object.entries(own).some(
    ([service, url]) => url !== undefined && !isAwsHost(url, service as keyof typeof own, partition),
  );
  if (isProduction && (isRelaxed || redirectedSdk(env).length > 0))
    return { problem: 'AWS is not asked at an endpoint that production refuses' };
  return { region, fips, endpoints: own, ownIdentity: createOwnIdentity(region) };
}
