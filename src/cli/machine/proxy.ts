// Which proxy leads to an address: the variables that curl reads, in curl's order and with curl's forms.
import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Machine } from './context.ts';
import { CliError } from './errors.ts';

export interface ProxyServer {
  /** Without name and password: it is shown. */
  readonly origin: string;
  /** Variable that names it. */
  readonly variable: string;
  /** Value of Proxy-Authorization; undefined without a name. */
  readonly authorization: string | undefined;
}

type Environment = Machine['env'];

/**
 * Undefined where the address is reached directly. Plain http is for this machine, and stays on it: a proxy would read the
 * tokens.
 * @throws CliError usage, which names the variable and never its value: it may hold a password
 */
export function proxyFor(env: Environment, address: URL): ProxyServer | undefined {
  if (address.protocol !== 'https:') return undefined;
  const variable = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'].find((name) => env[name]);
  if (variable === undefined || isExcepted(env, address)) return undefined;
  return readProxy(variable, env[variable]!.trim());
}

function readProxy(variable: string, text: string): ProxyServer {
  // No scheme means http.
  const [, scheme = 'http', rest = text] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text) ?? [];
  const protocol = scheme.toLowerCase();
  if (!['http', 'https'].includes(protocol)) {
    throw new CliError('usage', `${variable}: rolegate uses http and https proxies, not ${protocol}`);
  }
  const at = rest.lastIndexOf('@');
  const [name, password] = readUser(variable, at < 0 ? '' : rest.slice(0, at));
  const [, host, digits] = /^([\w.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i.exec(rest.slice(at + 1)) ?? [];
  const origin = `${protocol}://${host}:${digits ?? (protocol === 'https' ? 443 : 80)}`;
  if (host === undefined || digits === '0' || !URL.canParse(origin)) {
    throw new CliError('usage', `${variable} is not the address of a proxy: write it as http://proxy.example.com:3128`);
  }
  const authorization = name && `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
  return { origin, variable, authorization: authorization || undefined };
}

/** RFC 3986 §3.2.1: what means something in an address has to be encoded, or the password would end too early. */
function readUser(variable: string, text: string): [name: string, password: string] {
  try {
    if (!/^(?:[\w.~!$&'()*+,;=:-]|%[0-9a-f]{2})*$/i.test(text)) throw new URIError('a character of addresses');
    const [, name = '', password = ''] = /^([^:]*):?(.*)$/.exec(text) ?? [];
    return [decodeURIComponent(name), decodeURIComponent(password)];
  } catch (cause) {
    throw new CliError(
      'usage',
      `${variable}: percent-encode the password and the name, such as %40 for @ and %5C for a backslash`,
      { cause },
    );
  }
}

/** NO_PROXY: names with all that ends in them, addresses, networks, `*`; each may have a port. */
function isExcepted(env: Environment, { hostname, port }: URL): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const entries = (env['no_proxy'] || env['NO_PROXY'] || '').toLowerCase().split(/[\s,]+/);
  return entries.filter(Boolean).some((entry) => {
    if (entry === '*') return true;
    const [, bare = entry, only] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
    if (only !== undefined && only !== (port || '443')) return false;
    const name = bare.replace(/^\[|\]$/g, '');
    if (isIP(host)) return isInNetwork(host, name);
    const suffix = name.replace(/^\*?\.?/, '').replace(/\.$/, '');
    return suffix !== '' && (host === suffix || host.endsWith(`.${suffix}`));
  });
}

function isInNetwork(host: string, entry: string): boolean {
  const [, network = '', bits] = /^(.*?)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const length = bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits);
  if (isIP(network) !== isIP(host) || length > (family === 'ipv6' ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(host, family);
}
