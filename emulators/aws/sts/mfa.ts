// Virtual MFA devices: RFC 6238 one-time codes, each good for one call, and the check that AssumeRole and GetSessionToken share.
import { createHmac } from 'node:crypto';
import { AwsError } from '../errors.ts';
import type { EmulatedMfaDevice } from '../estate.ts';
import type { Call } from '../operation.ts';
import { userOf, type World } from '../world.ts';

const STEP_SECONDS = 30;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Remembers which codes have been spent. */
export interface MfaCodes {
  /** Whether the code is right now, a step ago or a step ahead, and was not used before; a right one is then spent. */
  spend(device: EmulatedMfaDevice, code: string, now: Date): boolean;
}

/** No code has been spent yet. */
export function createMfaCodes(): MfaCodes {
  const latest = new Map<string, number>();
  return {
    spend(device, code, now) {
      const current = Math.floor(now.getTime() / 1000 / STEP_SECONDS);
      const used = latest.get(device.serialNumber) ?? 0;
      // RFC 6238 §5.2: a code is accepted once; with it go all that are older.
      const step = [current - 1, current, current + 1].find((one) => one > used && codeOf(device.seed, one) === code);
      if (step !== undefined) latest.set(device.serialNumber, step);
      return step !== undefined;
    },
  };
}

/** The six digits a device with this base32 seed shows at an instant. */
export function totpCode(seed: string, at: Date): string {
  return codeOf(seed, Math.floor(at.getTime() / 1000 / STEP_SECONDS));
}

/** RFC 4226 §5.3. */
function codeOf(seed: string, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const digest = createHmac('sha1', fromBase32(seed)).update(message).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  return String((digest.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
}

function fromBase32(text: string): Buffer {
  const signs = [...text.toUpperCase().replace(/[\s=]/g, '')];
  const bits = signs.map((sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** B8. @returns when the second factor was given, undefined when the call has none. @throws AwsError */
export function checkMfa(world: World, { params, caller, request }: Call): Date | undefined {
  const serialNumber = params.get('SerialNumber');
  const code = params.get('TokenCode');
  if (serialNumber === undefined && code === undefined) return undefined;
  if (serialNumber === undefined || code === undefined) {
    throw failed(', must provide both MFA serial number and one time pass code.');
  }
  const principal = caller?.principal;
  const user = userOf(world.estate(), principal?.issuerArn ?? principal?.arn ?? '')?.user;
  const device = user?.mfaDevices?.find((one) => one.serialNumber === serialNumber);
  if (device === undefined) {
    // Two blanks, as the service writes it.
    throw failed(
      ', unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
    );
  }
  if (!world.mfaCodes.spend(device, code, request.now)) throw failed(' with invalid MFA one time pass code.');
  return request.now;
}

function failed(how: string): AwsError {
  return new AwsError(403, 'AccessDenied', `MultiFactorAuthentication failed${how}`);
}
