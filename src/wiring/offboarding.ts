// Wires offboarding: who may send signals, how their tokens are read, and what a signal leaves in the store.
import { z } from 'zod';
import { createOffboarding, type Offboarding, type Transmitter } from '../broker/offboarding/offboarding.ts';
import { createKeptOut, type KeptOut } from '../broker/sign-in/kept-out.ts';
import type { Config } from '../config/config.ts';
import { transmitterKeys, validateSecurityEvent } from '../oidc/security-event.ts';
import { createOneTimeStore } from '../store/one-time.ts';
import { createSharedRecords } from '../store/shared-records.ts';
import type { Kept } from './application.ts';

export function createOffboardingParts(
  config: Config,
  kept: Kept,
): { readonly offboarding: Offboarding; readonly keptOut: KeptOut | undefined } {
  const { storage, audit, clock, sessionDirectory, fetch } = kept;
  const keptOut = createKeptOut(createSharedRecords('offboarded', storage), config.session.absoluteTimeoutMs);
  const transmitters = config.offboarding.transmitters.map((settings): [string, Transmitter] => {
    let keys: ReturnType<typeof transmitterKeys> | undefined;
    const read: Transmitter['read'] = async (token) => {
      keys ??= transmitterKeys(settings, fetch, clock.now);
      return validateSecurityEvent(token, await keys, settings, clock.now());
    };
    return [settings.id, { config: settings, read }];
  });
  const offboarding = createOffboarding({
    transmitters: new Map(transmitters),
    directory: sessionDirectory,
    keptOut,
    usedTokens: createOneTimeStore('security-event', z.never(), storage),
    audit,
    clock,
  });
  // Where no one may send signals, a sign-in does not look for them.
  const isOn = transmitters.length + config.offboarding.scimClients.length > 0;
  return { offboarding, keptOut: isOn ? keptOut : undefined };
}
