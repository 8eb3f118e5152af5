// A production configuration with these rules, for what needs no process and no AWS.
import { generateKeyPairSync } from 'node:crypto';
import type { Config } from '../../../src/config/config.ts';
import { change, goodProduction, load, type Raw, type Workplace } from '../../config/support/workplace.ts';

export const devId = '012345678901';

/** @param grants become rules for payments-dev @param changes by path, as `change` takes them */
export function configured(workplace: Workplace, grants: readonly Raw[], changes: Readonly<Raw> = {}): Promise<Config> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  workplace.write('web.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const rules = grants.map(({ name, when, ...grant }, index) => ({
    name: name ?? `rule ${index}`,
    when: when ?? { group: 'CORP\\Engineers' },
    grant: { accounts: ['payments-dev'], role: 'Developer', ...grant },
  }));
  const base = change(change(goodProduction(), 'rules', rules), 'aws.webIdentity', { signing: { key: 'web.key' } });
  return load(
    workplace,
    Object.entries(changes).reduce((raw, [path, value]) => change(raw, path, value), base),
  );
}
