import { hash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openHouse } from '../../../src/app/app.ts';
import { planHouse } from '../../../src/app/plan.ts';
import { formatProblem } from '../../../src/document/problem.ts';
import { createKekFile } from '../../../src/vault/keys/kek.ts';
import { localKeyWrapper } from '../../../src/vault/keys/key-wrapper.ts';
import { createKeyring } from '../../../src/vault/keys/keyring.ts';

export const EVENTS = '/api/consent/events';
export const LOOK_UP = '/api/consent/look-up';
export const LINKS = '/api/consent/unsubscribe-links';

export const granted = (email: string, more: object = {}) => ({
  email,
  purpose: 'marketing.email',
  state: 'granted',
  at: '2026-11-01T10:00:00Z',
  ...more,
});

export interface Known {
  readonly consents: readonly {
    readonly purpose: string;
    readonly state: string;
    readonly source?: string;
  }[];
}

export interface Links {
  readonly links: readonly { readonly url: string; readonly headers: Readonly<Record<string, string>> }[];
}

/** A running Privet whose CRMs are away: what people and programs say of consent needs none. */
export interface Desk {
  readonly admin: string;
  readonly proxy: string;
  readonly keys: { readonly website: string; readonly reader: string };
  readonly environment: Readonly<Record<string, string>>;
  /** POST with JSON to the admin API. @param key undefined: without a credential */
  readonly call: (path: string, body: unknown, key?: string) => Promise<{ status: number; body: unknown }>;
  readonly closeHouse: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function openDesk(config: string, more: Readonly<Record<string, string>> = {}): Promise<Desk> {
  const directory = mkdtempSync(join(tmpdir(), 'privet-consent-'));
  const kek = join(directory, 'kek');
  createKekFile(kek);
  await createKeyring({ ring: join(directory, 'ring.json'), wrapper: localKeyWrapper({ file: kek }) });
  const keys = {
    website: randomBytes(32).toString('base64url'),
    reader: randomBytes(32).toString('base64url'),
  };
  const environment = {
    DATA: directory,
    POLICIES: resolve('policies'),
    WEBSITE_SHA256: hash('sha256', keys.website),
    READER_SHA256: hash('sha256', keys.reader),
    ...more,
  };
  const { plan, problems } = await planHouse(config, environment);
  if (plan === undefined) throw new Error(problems.map(formatProblem).join('\n'));
  const house = await openHouse(plan);
  let isOpen = true;
  const closeHouse = async () => {
    if (isOpen) await house.close();
    isOpen = false;
  };
  const admin = `http://127.0.0.1:${house.admin.port}`;
  return {
    admin,
    proxy: `http://127.0.0.1:${house.proxy.port}`,
    keys,
    environment,
    call: async (path, body, key = keys.website) => {
      const reply = await fetch(`${admin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify(body),
      });
      return { status: reply.status, body: await reply.json() };
    },
    closeHouse,
    close: async () => {
      await closeHouse();
      rmSync(directory, { recursive: true });
    },
  };
}
