// Keeps the current estate, indexed; asks again at every request when it was given as a function.
import { type Estate, type EstateIndex, indexEstate, type ProviderRecord } from './estate.ts';
import { type CloudTrailLikeEvent, recordEvent } from './events.ts';
import { parseProviderMetadata } from './saml/saml-metadata.ts';
import { isoSeconds } from './world.ts';

/** The estate of a running emulator. */
export interface EstateSource {
  current(): EstateIndex;
  /** What was updated before does not count any more. */
  set(estate: Estate | (() => Estate)): void;
  /** @throws Error if IAM would not take the metadata */
  updateSamlProvider(provider: Pick<ProviderRecord, 'accountId' | 'name'>, metadata: string): void;
}

/** @throws Error when a fixed estate holds metadata that IAM would have refused */
export function createEstateSource(
  initial: Estate | (() => Estate),
  context: { events: CloudTrailLikeEvent[]; now: () => Date; region: string },
): EstateSource {
  let source = initial;
  /** Metadata by account and name of the provider. */
  const updates = new Map<string, string>();
  let seen: { estate: Estate; index: EstateIndex } | undefined;
  const current = (): EstateIndex => {
    const estate = typeof source === 'function' ? source() : source;
    if (seen?.estate !== estate) {
      seen = { estate, index: indexEstate(withUpdates(estate, updates)) };
      reportRefusals(seen.index, context);
    }
    return seen.index;
  };
  const set = (estate: Estate | (() => Estate)): void => {
    source = estate;
    seen = undefined;
    updates.clear();
    if (typeof estate === 'function') return;
    const [refused] = current().refusedProviders;
    if (refused !== undefined) throw new Error(`${refused[0]}: ${refused[1]}`);
  };
  set(initial);
  return {
    current,
    set,
    updateSamlProvider: ({ accountId, name }, metadata) => {
      parseProviderMetadata(metadata);
      updates.set(`${accountId}/${name}`, metadata);
      seen = undefined;
    },
  };
}

function withUpdates(estate: Estate, updates: ReadonlyMap<string, string>): Estate {
  const accounts = estate.accounts.map((account) => {
    const samlProviders = { ...account.samlProviders };
    for (const [name, settings] of Object.entries(samlProviders)) {
      const metadata = updates.get(`${account.id}/${name}`);
      const others = typeof settings === 'string' ? {} : settings;
      if (metadata !== undefined) samlProviders[name] = { ...others, metadata };
    }
    return { ...account, samlProviders };
  });
  return { ...estate, accounts };
}

/** A provider that IAM would not have taken simply does not exist (m1); the event says why. */
function reportRefusals(
  index: EstateIndex,
  context: { events: CloudTrailLikeEvent[]; now: () => Date; region: string },
): void {
  for (const [arn, reason] of index.refusedProviders) {
    recordEvent(context.events, {
      eventTime: isoSeconds(context.now()),
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateSAMLProvider',
      awsRegion: context.region,
      sourceIPAddress: '127.0.0.1',
      userAgent: 'emulator',
      requestID: 'estate',
      recipientAccountId: arn.split(':')[4],
      userIdentity: { type: 'Unknown' },
      requestParameters: { sAMLProviderArn: arn },
      responseElements: null,
      errorCode: 'InvalidInput',
      errorMessage: reason,
    });
  }
}
