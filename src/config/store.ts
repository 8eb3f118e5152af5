// The section `store`: memory, or Redis with one server, Sentinels or a Cluster. What the driver would misread is refused here.
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { type LoadContext, loadTlsKeyPair, readText, readTrusted } from './keys.ts';

const userInfo = /^rediss?:\/\/(.*)@/is;
const encode = 'percent-encode the password, or use store.password';

/** Never quotes the URL: the wrong part may be the password. */
function urlProblem(text: string): string | undefined {
  if (!/^(?:rediss?|unix):/i.test(text)) {
    return 'is not a redis: or rediss: (or unix:) URL, such as rediss://redis.example:6379/0';
  }
  const user = userInfo.exec(text)?.[1] ?? '';
  if (/[/?#\s]/.test(user.replace(/ /g, '')) || !isEncoded(user))
    return `has a character that must be escaped: ${encode}`;
  if (!URL.canParse(text)) return `is not a URL: check host and port; ${encode}`;
  const { protocol, hostname, port, pathname, search, hash } = new URL(text);
  // A query is refused: the driver would take it for settings, `tls` among them.
  if (search !== '' || hash !== '') return `has a query or fragment: use the keys of store; ${encode}`;
  if (protocol === 'unix:') {
    const isPath = hostname === '' && pathname.length > 1 && isEncoded(pathname);
    return isPath ? undefined : 'is not unix: with an absolute path, such as unix:///run/redis.sock';
  }
  if (hostname === '' || hostname.includes('%') || port === '0') return 'has no host, or a port or host that cannot be';
  return /^\/?$|^\/\d{1,5}$/.test(pathname)
    ? undefined
    : 'has something behind the host that is not a database such as /0';
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

const hosts = z
  .array(
    z.strictObject({
      host: z
        .string()
        .refine(
          (host) => isIP(host) > 0 || /^[\p{L}\p{N}_]([\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u.test(host),
          'is not a host name or an address without brackets, scheme and port',
        ),
      port: z.number().int().min(1).max(65_535),
    }),
  )
  .min(1);

export const storeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('memory') }),
  z.strictObject({
    type: z.literal('redis'),
    url: z
      .string()
      .superRefine((text, context) => {
        const message = urlProblem(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .optional(),
    sentinels: z
      .strictObject({
        name: z.string().min(1),
        hosts,
        /** Of the Sentinels themselves. */
        username: z.string().min(1).optional(),
        password: z.string().min(1, 'is empty').optional(),
        tls: z.boolean().optional(),
      })
      .optional(),
    cluster: hosts.optional(),
    username: z.string().min(1).optional(),
    password: z.string().min(1, 'is empty').optional(),
    database: z.number().int().min(0).max(65_535).optional(),
    tls: z.boolean().optional(),
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: z.string().optional(),
    keyPrefix: z.string().max(64).default('rolegate:'),
    /** A write counts when so many replicas have it. */
    waitForReplicas: z.int().min(0).max(5).default(0),
  }),
]);

type StoreSection = z.infer<typeof storeSchema>;
type RedisSection = Extract<StoreSection, { type: 'redis' }>;

export function resolveStore(store: StoreSection, context: LoadContext) {
  if (store.type === 'memory') return store;
  context.problems.push(...contradictions(store));
  const { type, url, sentinels, cluster, username, password, database, tls = false } = store;
  const ca = store.ca === undefined ? undefined : readTrusted(store.ca, 'store.ca', context);
  if (ca !== undefined && !holdsCertificates(ca))
    context.problems.push(`store.ca: ${store.ca} holds no PEM certificate`);
  const client = readClientPair(store, context);
  const { keyPrefix, waitForReplicas } = store;
  return { type, url, sentinels, cluster, username, password, database, ca, client, tls, keyPrefix, waitForReplicas };
}

function contradictions(store: RedisSection): string[] {
  const { sentinels, cluster, tls, database } = store;
  const url = store.url === undefined ? undefined : new URL(store.url);
  const usesTls = tls === true || url?.protocol === 'rediss:' || sentinels?.tls === true;
  const rows: [boolean, string][] = [
    [
      [url, sentinels, cluster].filter((way) => way !== undefined).length !== 1,
      'store: give one of url, sentinels, cluster',
    ],
    [tls === true && url?.protocol === 'redis:', 'store.tls: is for sentinels and cluster; write rediss: in store.url'],
    [tls === true && url?.protocol === 'unix:', 'store.tls: a Unix socket has no TLS'],
    [tls === false && url?.protocol === 'rediss:', 'store.tls: false contradicts rediss: in store.url'],
    [!usesTls && store.ca !== undefined, 'store.ca: counts with TLS only; set store.tls or write rediss:'],
    [!usesTls && store.cert !== undefined, 'store.cert: counts with TLS only; set store.tls or write rediss:'],
    [(store.cert === undefined) !== (store.key === undefined), 'store: give both cert and key'],
    [Boolean(url?.password) && store.password !== undefined, 'store.password: store.url has a password too'],
    [Boolean(url?.username) && store.username !== undefined, 'store.username: store.url has a user too'],
    [cluster !== undefined && (database ?? 0) !== 0, 'store.database: a Cluster has database 0 only'],
    [
      /^\/\d/.test(url?.pathname ?? '') && url?.protocol !== 'unix:' && database !== undefined,
      'store.database: store.url has a database too',
    ],
  ];
  return rows.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}

function readClientPair({ cert, key }: RedisSection, context: LoadContext) {
  if (cert === undefined || key === undefined) return undefined;
  const loaded = loadTlsKeyPair({ cert, key }, 'store', context);
  if (!loaded) return undefined;
  const end = new Date(new X509Certificate(loaded.certificate).validTo);
  if (end < context.now) context.problems.push(`store.cert: ${cert} expired at ${end.toISOString()}`);
  const text = readText(key, 'store.key', { ...context, problems: [] });
  return text === undefined ? undefined : { cert: loaded.certificate, key: text };
}

// The TLS library takes what it finds and says nothing of the rest.
function holdsCertificates(pem: string): boolean {
  const blocks = pem.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [^-]+-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block)).length > 0;
  } catch {
    return false;
  }
}
