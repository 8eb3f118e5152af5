// Which part of the built file a command needs: most need little, and a part that is not loaded costs nothing.

/** `light` needs no network, `credentials` is `credential-process`, `whole` is everything. */
type Part = 'light' | 'credentials' | 'whole';

const light = new Set(['status', 'brokers', 'version', 'complete', 'completion', 'shell-init', 'help']);
const help = new Set(['--version', '-V', '--help', '-h']);

/** @param argv without runtime and script */
export function partFor(argv: readonly string[]): Part {
  const [first = '--help'] = argv;
  if (first === 'complete') return 'light';
  const dashes = argv.indexOf('--');
  const own = dashes < 0 ? argv : argv.slice(0, dashes);
  if (own.some((word) => help.has(word))) return 'light';
  // A second role needs a signature.
  if (first === 'credential-process') return own.some((word) => /^--then(=|$)/.test(word)) ? 'whole' : 'credentials';
  return light.has(first) && !own.includes('--check') ? 'light' : 'whole';
}
