import { CRM_NAMES } from '../crm/registry.ts';

/** Where clients connect. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
  /** File names, relative to the configuration. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly clientCa?: string };
}

/** Which requests go to an upstream. */
export type MatchConfig = { readonly host: string } | { readonly prefix: string };

/** How the CRM is told who calls: the client's own credentials, or one of Privet's. */
export type CredentialsConfig = 'passthrough' | { readonly bearer: string };

/** One CRM behind the proxy. */
export interface UpstreamConfig {
  readonly name: string;
  readonly crm: string;
  /** File name of the descriptor, for `crm: generic`. */
  readonly descriptor?: string;
  readonly url: string;
  /** May be left out when there is one upstream. */
  readonly match?: MatchConfig;
  /** Where clients find it: scheme, host and path. */
  readonly publicUrl?: string;
  readonly credentials: CredentialsConfig;
  readonly tls?: { readonly ca: string };
}

const FILE = { type: 'string', minLength: 1 } as const;

export const LISTEN_SCHEMA = {
  type: 'object',
  description: 'Where clients connect.',
  additionalProperties: false,
  default: {},
  properties: {
    host: {
      type: 'string',
      minLength: 1,
      default: '127.0.0.1',
      description: 'Address to listen on; 0.0.0.0 for all.',
    },
    port: {
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 8080,
      description: 'Port to listen on; 0 for any free one.',
    },
    tls: {
      type: 'object',
      description: 'TLS for clients, version 1.2 or later. Left out: clear text.',
      additionalProperties: false,
      required: ['cert', 'key'],
      properties: {
        cert: {
          ...FILE,
          description: 'File with the certificate chain, PEM.',
          examples: ['/etc/privet/proxy.pem'],
        },
        key: {
          ...FILE,
          description: 'File with the private key, PEM.',
          examples: ['/etc/privet/proxy-key.pem'],
        },
        clientCa: {
          ...FILE,
          description: 'File with an authority, PEM: only clients with a certificate of it may connect.',
          examples: ['/etc/privet/clients.pem'],
        },
      },
    },
  },
} as const;

export const UPSTREAMS_SCHEMA = {
  type: 'array',
  description: 'The CRMs behind the proxy.',
  minItems: 1,
  examples: [
    [
      {
        name: 'sales',
        crm: 'salesforce',
        url: 'https://acme.my.salesforce.com',
        match: { host: 'crm.acme.example' },
        publicUrl: 'https://crm.acme.example',
        credentials: 'passthrough',
      },
      {
        name: 'marketing',
        crm: 'hubspot',
        url: 'https://api.hubapi.com',
        match: { prefix: '/hubspot' },
        credentials: { bearer: `\${HUBSPOT_TOKEN:-unset}` },
      },
      {
        name: 'helpdesk',
        crm: 'generic',
        descriptor: './helpdesk.yaml',
        url: 'https://helpdesk.acme.example/api',
        match: { prefix: '/helpdesk' },
        tls: { ca: '/etc/privet/helpdesk-ca.pem' },
      },
    ],
  ],
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'crm', 'url'],
    // Only a generic CRM has a descriptor, and it needs one.
    anyOf: [
      {
        title: 'a descriptor with crm: generic',
        properties: { crm: { const: 'generic' } },
        required: ['descriptor'],
      },
      {
        title: 'none with any other CRM',
        properties: { crm: { not: { const: 'generic' } }, descriptor: false },
      },
    ],
    properties: {
      name: {
        type: 'string',
        pattern: '^[a-z0-9][a-z0-9-]*$',
        title: 'lower-case letters, digits and hyphens',
        description: 'Name in audit events and metrics.',
      },
      crm: { enum: CRM_NAMES, description: "A CRM adapter's name, or generic." },
      descriptor: { ...FILE, description: 'File that describes the API, for crm: generic.' },
      url: {
        type: 'string',
        pattern: '^https?://[^?#@\\s]+$',
        title: 'a URL such as https://acme.my.salesforce.com, without user, query or fragment',
        description: "The CRM's URL, with the path in front of its API where there is one.",
      },
      match: {
        type: 'object',
        description: 'Which requests go here. May be left out when there is one upstream.',
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
        properties: {
          host: {
            type: 'string',
            pattern: '^(\\[[^\\]/]+\\]|[^:/?#@\\s]+)$',
            title: 'a host such as crm.acme.example, without scheme, port and path',
            description: 'Host header, without port.',
          },
          prefix: {
            type: 'string',
            pattern: '^(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$',
            title: 'a path such as /sf, without a slash at its end',
            description: 'Path in front; taken off before the request is sent on.',
          },
        },
      },
      publicUrl: {
        type: 'string',
        pattern: '^https?://[^/?#@\\s]+(/[^?#\\s]*)?$',
        title: 'a URL such as https://crm.acme.example, without user, query or fragment',
        description:
          'Where clients find it, for links, when something in front of Privet ends TLS or changes host or path. Left out: by the scheme of listen and the Host header.',
      },
      credentials: {
        description:
          "passthrough: the client's own credentials reach the CRM. bearer: Privet sends its own token instead, but not for logins, nor in observe mode for callers it does not recognise.",
        default: 'passthrough',
        oneOf: [
          { const: 'passthrough' },
          {
            type: 'object',
            additionalProperties: false,
            required: ['bearer'],
            properties: {
              bearer: {
                type: 'string',
                minLength: 1,
                description: 'Token of the CRM; take it from the environment.',
              },
            },
          },
        ],
      },
      tls: {
        type: 'object',
        description: 'How the certificate of the CRM is verified. Left out: by the public authorities.',
        additionalProperties: false,
        required: ['ca'],
        properties: { ca: { ...FILE, description: 'File with the authority to trust instead, PEM.' } },
      },
    },
  },
} as const;
