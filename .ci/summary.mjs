// Sums vitest's JSON results into the closing line of .ci/run: `N passed, N failed`. Exits with 1 unless all is well.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...runs] = process.argv.slice(2);
const total = { passed: 0, failed: 0 };

for (const run of runs) {
  const { passed, failed, names } = count(run);
  for (const name of names) print(`FAILED on ${run}: ${name}`);
  print(`${run}: ${passed} passed, ${failed} failed`);
  total.passed += passed;
  total.failed += failed;
}
if (existsSync(join(folder, 'check.failed'))) {
  print('npm run check: failed');
  total.failed += 1;
}
print(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

function print(line) {
  process.stdout.write(`${line}\n`);
}

function count(run) {
  const file = join(folder, `${run}.json`);
  const didFail = existsSync(join(folder, `${run}.failed`));
  if (!existsSync(file)) return { passed: 0, failed: 1, names: ['the whole run: it did not come to the tests'] };
  const { numPassedTests: passed, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  // A file that cannot be loaded has no failed test, and neither has a run that ends with an unhandled error.
  const broken = testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.every((test) => test.status !== 'failed');
  });
  const failed = numFailedTests + broken.length;
  const names = [...testResults.flatMap(failedTests), ...broken.map(({ name, message }) => `${name}\n${message}`)];
  return { passed, failed: didFail && failed === 0 ? 1 : failed, names };
}

// A log is often cut to its end: the failures belong there, with what each said first.
function failedTests({ name, assertionResults }) {
  return assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ fullName, failureMessages }) => `${name}: ${fullName}\n  ${(failureMessages[0] ?? '').slice(0, 500)}`);
}
