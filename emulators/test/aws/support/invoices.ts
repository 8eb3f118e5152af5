// The emulator with a bucket, and a session that may use it: what the tests of S3 share.
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { keyPair } from '../../../../test/support/key-pairs.ts';
import { type AwsEmulator, type Estate, startAws } from '../../../aws/server.ts';
import {
  ACCOUNT,
  elementText,
  ISSUER,
  metadataFor,
  NOW,
  postSts,
  samlCall,
  sampleEstate,
  sampleParts,
} from './fixture.ts';
import type { RawAnswer } from './raw-request.ts';
import { callService, type ServiceRequest } from './sign-service.ts';

export const LIST = { 'list-type': '2' };
export const CALLER = `arn:aws:sts::${ACCOUNT}:assumed-role/Developer/alice@example.com`;
export const s3Allow = (...actions: string[]) => ({ Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
export const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1000);

type Session = Pick<ServiceRequest, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;
type Changes = Partial<ServiceRequest>;

export interface Invoices {
  /** What follows is there when a test runs. */
  readonly aws: () => AwsEmulator;
  readonly session: () => Session;
  /** Another session of the role. @param members of the request to STS */
  readonly assume: (members?: Readonly<Record<string, string>>) => Promise<Session>;
  /** From now on the role has these policies, in place of one that allows all of S3. */
  readonly setPolicies: (...policies: unknown[]) => void;
  /** A listing of the bucket, unless changed. */
  readonly call: (changes?: Changes) => Promise<RawAnswer>;
  readonly get: (path: string, changes?: Changes) => Promise<RawAnswer>;
  readonly put: (path: string, body: string, changes?: Changes) => Promise<RawAnswer>;
}

/** Starts the emulator for the tests of a file; before each its clock and the policies are as they were. */
export function useInvoices(): Invoices {
  let aws: AwsEmulator;
  let key: string;
  let base: Estate;
  let session: Session;
  const assume: Invoices['assume'] = async (members = {}) => {
    const { text } = await postSts(aws, samlCall(sampleParts(), { key }, members));
    const of = (name: string) => elementText(text, name) ?? '';
    return { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey'), sessionToken: of('SessionToken') };
  };
  beforeAll(async () => {
    const pair = keyPair('minting');
    key = pair.key;
    base = sampleEstate(metadataFor(ISSUER, [pair]));
    aws = await startAws({ now: () => NOW, estate: estateWith(base, s3Allow('s3:*')) });
    session = await assume();
  });
  afterAll(() => aws?.close());
  const setPolicies: Invoices['setPolicies'] = (...policies) => aws.setEstate(estateWith(base, ...policies));
  beforeEach(() => {
    aws.setClockOffset(0);
    setPolicies(s3Allow('s3:*'));
  });
  const wish = { now: NOW, service: 's3', region: 'eu-west-1', path: '/invoices', query: LIST };
  const call: Invoices['call'] = (changes = {}) => callService(aws, { ...session, ...wish, ...changes });
  const get: Invoices['get'] = (path, changes = {}) => call({ path, query: {}, ...changes });
  const put: Invoices['put'] = (path, body, changes = {}) => get(path, { method: 'PUT', body, ...changes });
  return { aws: () => aws, session: () => session, assume, setPolicies, call, get, put };
}

/** The sample estate, with a bucket, and these policies on the role Developer. */
function estateWith({ accounts: [account, other] }: Estate, ...policies: unknown[]): Estate {
  const roles = account!.roles.map((role) => (role.name === 'Developer' ? { ...role, policies } : role));
  const objects = { 'a b+c.txt': 'signed', 'logs/1': '1', 'logs/2': '2', 'ümlaut/x': 'x' };
  const users = account!.users!.map((user) => ({ ...user, policies: [s3Allow('s3:*')] }));
  return {
    accounts: [
      { ...account!, roles, users, buckets: [{ name: 'invoices', region: 'eu-west-1', objects }] },
      { ...other!, buckets: [{ name: 'elsewhere', region: 'eu-west-1' }] },
    ],
  };
}
