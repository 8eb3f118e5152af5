// A directory of identity providers with everything a test wants to move or to look at: time, timers, audit, log, store.
import type { AuditEvent } from '../../../../src/audit/events.ts';
import { createIdpDirectory, type IdpDirectory } from '../../../../src/broker/idp-metadata/idp-directory.ts';
import { createKeyHistory } from '../../../../src/broker/idp-metadata/key-history.ts';
import { createMetadataCopies } from '../../../../src/broker/idp-metadata/metadata-copies.ts';
import type { IdentityProvider } from '../../../../src/config/config.ts';
import { BrokerError } from '../../../../src/errors.ts';
import { createLogger } from '../../../../src/log.ts';
import type { MetadataRules } from '../../../../src/saml/metadata/accept-metadata.ts';
import type { IdpMetadata } from '../../../../src/saml/metadata/idp-metadata.ts';
import type { KeyValue } from '../../../../src/store/key-value.ts';
import { createMemoryStore } from '../../../../src/store/memory.ts';
import { createSharedRecords } from '../../../../src/store/shared-records.ts';
import { createLineCollector } from '../../../app/support/lines.ts';
import { testStorage } from '../../../store/support.ts';
import { createTestClock, type TestClock } from '../../../support/clock.ts';
import { createManualTimers, isLook } from '../../../support/manual-timers.ts';

export const refreshMs = 12 * 3_600_000;
export const secrets = ['a secret of the tests, 32 characters and more'];

type Source = Partial<Omit<IdentityProvider['metadataSource'], 'rules'>> & { readonly rules?: Partial<MetadataRules> };

export function identityProvider(id: string, source: Source, metadata?: IdpMetadata): IdentityProvider {
  const anything = {
    entityId: undefined,
    signingCertificates: undefined,
    requireValidUntil: false,
    maxValidityMs: undefined,
  };
  return {
    id,
    label: id,
    metadata,
    metadataSource: { file: undefined, url: undefined, refreshMs, ...source, rules: { ...anything, ...source.rules } },
    unsolicited: { allowed: false, returnTo: [] },
    wantAssertionsSigned: true,
    wantResponseSigned: false,
    clockSkewMs: 180_000,
    trustAuthnInstant: false,
    attributes: { user: { nameId: true }, groups: 'groups', displayName: 'name' },
  };
}

export interface DirectoryOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly clock?: TestClock;
  /** Shared by directories that represent processes of one broker. */
  readonly keyValue?: KeyValue;
  readonly secrets?: readonly string[];
  /** Where the keys of the previous start are. */
  readonly keyStore?: KeyValue;
  readonly requireHttps?: boolean;
}

export interface DirectoryFixture {
  readonly directory: IdpDirectory;
  readonly clock: TestClock;
  readonly keyValue: KeyValue;
  /** What was recorded; `audit.isDown` makes recording fail. */
  readonly audit: { readonly events: AuditEvent[]; isDown: boolean };
  /** What was recorded of the keys that were believed first. */
  readonly keys: readonly AuditEvent[];
  readonly log: readonly Record<string, unknown>[];
  /** Moves the time to the next planned step of this kind, takes it, and tells how long it took. */
  next(kind: 'look' | 'fetch'): Promise<number>;
}

export function createFixture(
  providers: readonly IdentityProvider[],
  options: DirectoryOptions = {},
): DirectoryFixture {
  const clock = options.clock ?? createTestClock();
  const keyValue = options.keyValue ?? createMemoryStore(clock);
  // A constant for a source of chance: half of every jitter.
  const random = (size: number) => Buffer.concat([Buffer.from([0x80]), Buffer.alloc(size - 1)]);
  const records = createSharedRecords('idp-metadata', testStorage(keyValue, clock, options.secrets ?? secrets));
  const lines = createLineCollector();
  const audit = { events: [] as AuditEvent[], isDown: false };
  const timers = createManualTimers();
  const recordTo = (events: AuditEvent[]) => async (event: AuditEvent) => {
    if (audit.isDown) throw new BrokerError('audit_unavailable', 'audit: disk full');
    events.push(event);
  };
  const keys: AuditEvent[] = [];
  const log = createLogger('info', lines.stream);
  const keyRecords = createSharedRecords('idp-keys', testStorage(options.keyStore ?? createMemoryStore(clock), clock));
  const directory = createIdpDirectory(providers, {
    fetch: options.fetch ?? (() => Promise.reject(new Error('nobody should fetch'))),
    clock,
    random,
    log,
    audit: { record: recordTo(audit.events) },
    keyHistory: createKeyHistory({ records: keyRecords, audit: { record: recordTo(keys) }, log }),
    copies: createMetadataCopies(records, clock.now),
    requireHttps: options.requireHttps ?? true,
    timers,
  });
  const next = async (kind: 'look' | 'fetch') => {
    const step = timers.take(kind, (inMs) => isLook(inMs) === (kind === 'look'));
    clock.advance(step.inMs);
    await step.act();
    return step.inMs;
  };
  return { directory, clock, keyValue, audit, keys, log: lines.lines, next };
}
