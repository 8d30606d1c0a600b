/** A Redis server, a group of them behind Sentinel, or a Cluster. */
export interface RedisServers {
  /** May hold a password: never printed. With sentinels, its host is the name of the group. */
  readonly url: string;
  readonly sentinels?: readonly string[];
  readonly cluster?: readonly string[];
  readonly replicas?: number;
  readonly acceptLoss?: boolean;
}

export interface StoreConfig {
  readonly embedded: string;
  readonly redis?: string | RedisServers;
}

const REDIS_URL = {
  type: 'string',
  pattern: '^rediss?://[^\\s/?#]+(/\\d*)?$',
  title: 'redis://[user:password@]host[:port][/database], or rediss:// for TLS',
} as const;

const ADDRESSES = {
  type: 'array',
  minItems: 1,
  items: { ...REDIS_URL, description: 'redis://host:port, or rediss:// for TLS.' },
} as const;

/** The section `store`. */
export const STORE_SCHEMA = {
  description:
    'Where Privet keeps what must survive a restart. Audit events wait in the embedded store until they are shipped; what several instances share lies in Redis where there is one.',
  type: 'object',
  additionalProperties: false,
  properties: {
    embedded: {
      description:
        'Directory of the embedded store, relative to this file. Created with mode 0700; one running Privet a directory.',
      type: 'string',
      minLength: 1,
      default: './data',
    },
    redis: {
      description:
        'A Redis that several Privets share. At start its settings are read, and refused when they could lose what was stored: it must be append-only with every answer on disk (appendfsync always, or any Redis from 7.2), and must not evict keys. Needs the section keys. A URL, or { url, sentinels, cluster, replicas, acceptLoss }: sentinels are URLs of Sentinels, and the host of url is then the name of the group they watch; cluster are URLs of further nodes of a Redis Cluster; replicas must have a write before it counts (left out: one where masters have any, and always with sentinels); acceptLoss: true takes a Redis that may lose what it acknowledged, or does not let its settings be read.',
      examples: [
        'redis://user:password@127.0.0.1:6379/0',
        { url: 'redis://mymaster', sentinels: ['redis://127.0.0.1:26379'] },
      ],
      // The pattern checks texts, the two keywords below all else.
      pattern: REDIS_URL.pattern,
      title: REDIS_URL.title,
      if: { type: 'string' },
      else: {
        type: 'object',
        additionalProperties: false,
        required: ['url'],
        properties: {
          url: {
            ...REDIS_URL,
            description:
              'The server, with user and password of Redis. With sentinels, its host is the name of the group that they watch.',
          },
          sentinels: {
            ...ADDRESSES,
            description:
              'Sentinels that say which server is the master, with user and password of their own.',
          },
          cluster: {
            ...ADDRESSES,
            description:
              'Further nodes of a Redis Cluster to begin with; user, password and TLS are those of url. All nodes are then found by themselves.',
          },
          replicas: {
            description:
              'Replicas that must have a write before it counts, so that a failover cannot lose it. Left out: one where masters have any, and always with sentinels.',
            type: 'integer',
            minimum: 0,
          },
          acceptLoss: {
            description:
              'Stores in a Redis that may lose what it acknowledged, or that does not let its settings be read. What is lost cannot be brought back: tokens in the CRM become unreadable, withdrawn consent is forgotten.',
            type: 'boolean',
            default: false,
          },
        },
      },
    },
  },
  default: { embedded: './data' },
} as const;

/** What the schema cannot say about the section: the path of the mistake and the message. */
export function storeContradictions({ redis }: StoreConfig): readonly {
  readonly path: readonly (string | number)[];
  readonly message: string;
}[] {
  if (redis === undefined) return [];
  if (typeof redis === 'string') return unreadable(redis, ['store', 'redis']);
  const lists = (['sentinels', 'cluster'] as const).flatMap((list) =>
    (redis[list] ?? []).flatMap((url, index) => unreadable(url, ['store', 'redis', list, index])),
  );
  const both =
    redis.sentinels !== undefined && redis.cluster !== undefined
      ? [
          {
            path: ['store', 'redis', 'cluster'],
            message: 'found sentinels and a cluster, expected one of them',
          },
        ]
      : [];
  return [...unreadable(redis.url, ['store', 'redis', 'url']), ...lists, ...both];
}

function unreadable(url: string, path: readonly (string | number)[]) {
  // An invalid escape would fail later, without a place in the file.
  const isReadable = URL.canParse(url) && !/%(?![0-9a-f]{2})/i.test(url);
  return isReadable ? [] : [{ path, message: `found text, expected ${REDIS_URL.title}` }];
}
