// Deny policies as files: one for each role and federated user, found again for the clean-up.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRevocationFiles, isFederatedUser } from '../../src/admin/revocation-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'rolegate-files-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const role = 'arn:aws:iam::444455556666:role/team/Developer';
const federated = 'arn:aws:sts::123456789012:federated-user/Analyst';

test('roles and federated users have a file each, in the folder of their account', async () => {
  const files = createRevocationFiles(directory, 'aws');
  expect(await files.roles()).toEqual([]);
  for (const arn of [role, federated]) await files.write(arn, { arn });
  expect(files.pathOf(role)).toBe(join(directory, '444455556666/Developer.json'));
  expect(files.pathOf(federated)).toBe(join(directory, '123456789012/federated-user/Analyst.json'));
  expect(await files.read(federated)).toEqual({ arn: federated });
  writeFileSync(join(directory, 'notes.json'), '{}');
  // In IAM a role's name is unique in its account, so its path is not needed again.
  const found = (await files.roles()).sort();
  expect(found).toEqual(['arn:aws:iam::444455556666:role/Developer', federated]);
  expect(found.map(isFederatedUser)).toEqual([false, true]);
  await files.remove(federated);
  expect([await files.read(federated), await files.read(role)]).toEqual([undefined, { arn: role }]);
});

test('a file that is not JSON is named', async () => {
  const files = createRevocationFiles(directory, 'aws');
  await files.write(role, {});
  writeFileSync(files.pathOf(role), '{');
  await expect(files.read(role)).rejects.toThrow('Developer.json');
});

test('no other ARN becomes a path', () => {
  const files = createRevocationFiles(directory, 'aws');
  expect(() => files.pathOf('arn:aws:iam::../../etc:role/x')).toThrow('is not the ARN');
});
