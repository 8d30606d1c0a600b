import type { ConsentFeed } from '../../src/consent/feed.ts';
import { createHubspotAdapter } from '../../src/crm/hubspot/adapter.ts';
import { createSalesforceAdapter } from '../../src/crm/salesforce/adapter.ts';
import { walkWhole } from '../../src/enforce/answer/walk-whole.ts';
import { dischargeRequest } from '../../src/enforce/discharge.ts';
import { type DischargedAnswer, dischargeAnswer } from '../../src/enforce/discharge-answer.ts';
import { createEnforcement } from '../../src/enforce/enforcement.ts';
import { Refusal } from '../../src/enforce/refusal.ts';
import type { VaultAccess } from '../../src/enforce/stored/vault-access.ts';
import { DEFAULT_LIMITS, type Limits } from '../../src/limits.ts';
import type { Mode, Posture } from '../../src/model/posture.ts';
import type { Principal } from '../../src/model/principal.ts';
import type { CrmRequest } from '../../src/model/request.ts';
import { canonicalTarget } from '../../src/proxy/wire/target.ts';
import { POSTURE } from '../fixtures/posture.ts';
import { decide, principal, snapshotOf, viewsAhead, viewsOfReading } from '../policy/fixture.ts';
import type { RegistryFixture } from './registry.ts';

export const V59 = '/services/data/v59.0';

export interface Scene {
  readonly policies: string;
  readonly maps?: string;
  readonly crm?: 'salesforce' | 'hubspot';
  readonly who?: Partial<Principal>;
  readonly mode?: Mode;
  readonly posture?: Partial<Posture>;
  readonly limits?: Partial<Limits>;
  /** `METHOD /target` */
  readonly request: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** What the CRM answers to a read of current values; undefined: nothing of use. */
  readonly current?: unknown;
  /** The same, by the read. */
  readonly answers?: (read: CrmRequest) => unknown;
  readonly consent?: RegistryFixture;
  readonly feed?: ConsentFeed;
  readonly vault?: VaultAccess;
  /** Roles that see restricted people. */
  readonly visibleTo?: readonly string[];
}

type Head = { readonly status?: number; readonly contentType?: string };

export interface ShownAnswer {
  readonly text: string;
  readonly json: () => unknown;
  readonly discharged: DischargedAnswer;
}

export interface Played {
  /** What goes to the CRM: target and body. */
  readonly method: string;
  readonly target: string;
  readonly body: unknown;
  readonly text: string;
  /** Reads of current values. */
  readonly reads: readonly CrmRequest[];
  readonly refusal?: string | undefined;
  readonly answer: (body: unknown, head?: Head) => ShownAnswer;
  /** The same where something has to be looked up before. */
  readonly answerAfterLookUps: (body: unknown, head?: Head) => Promise<ShownAnswer>;
}

/** A request on its way through enforcement, with real adapters and policies and no network. */
export async function play(scene: Scene): Promise<Played> {
  const limits: Limits = { ...DEFAULT_LIMITS, ...scene.limits };
  const adapter = scene.crm === 'hubspot' ? createHubspotAdapter() : createSalesforceAdapter(limits);
  const snapshot = snapshotOf(
    scene.policies,
    {
      crms: [createSalesforceAdapter(limits), createHubspotAdapter()],
      restriction: { visibleTo: scene.visibleTo ?? [] },
    },
    scene.maps,
  );
  const tools = createEnforcement({
    adapters: new Map([['sales', createSalesforceAdapter(limits)]]),
    mode: scene.mode ?? 'enforce',
    posture: { ...POSTURE, ...scene.posture },
    limits,
    keyring: { derive: (use) => Buffer.alloc(32, use) },
    ...(scene.consent === undefined ? {} : { registry: scene.consent }),
    ...(scene.feed === undefined ? {} : { feed: scene.feed }),
    ...(scene.vault === undefined ? {} : { vault: scene.vault }),
  });
  const [method = '', target = ''] = scene.request.split(' ', 2);
  const { path, query } = canonicalTarget(target, method, {}, adapter.repeatable);
  const body = scene.body === undefined ? undefined : bytesOf(scene.body);
  const request: CrmRequest = {
    method,
    path,
    segments: path.slice(1).split('/').map(decodeURIComponent),
    query,
    contentType: scene.contentType ?? (body === undefined ? '' : 'application/json'),
    accept: '',
    ...(body === undefined ? {} : { body }),
  };
  const who = principal(scene.who);
  const operation = adapter.recognise(request, () => undefined);
  if (operation === undefined) throw new Error(`nobody knows ${scene.request}`);
  const facts = { anyRestricted: scene.consent?.anyRestricted() === true };
  const decision = decide(snapshot, adapter, who, operation, facts);
  const subject = { adapter, operation, decision, owner: { upstream: 'crm', principal: who.id } };
  const reads: CrmRequest[] = [];
  const discharged = await dischargeRequest(tools, subject, {
    shown: () => viewsOfReading(snapshot, adapter, who, operation, facts),
    ahead: () => viewsAhead(snapshot, adapter, who, operation, facts),
    read: (read) => {
      reads.push(read);
      return Promise.resolve(scene.answers === undefined ? scene.current : scene.answers(read));
    },
  });
  const sent = discharged.operation.request;
  const text = discharged.body?.toString() ?? '';
  const planFor = (head: Head): DischargedAnswer => {
    const facts = { status: head.status ?? 200, contentType: head.contentType ?? 'application/json' };
    return dischargeAnswer(tools, subject, discharged, facts, (url) =>
      url.replace('https://crm.example', 'https://proxy.example'),
    );
  };
  const shownAs = (discharged: DischargedAnswer, shown: Buffer): ShownAnswer => ({
    text: shown.toString(),
    json: () => JSON.parse(shown.toString()) as unknown,
    discharged,
  });
  return {
    method: sent.method,
    target: `${sent.path}?${sent.query.map((pair) => pair.join('=')).join('&')}`,
    body: text === '' ? undefined : JSON.parse(text),
    text,
    reads,
    refusal: discharged.refusal?.policy,
    answer: (answered, head = {}) => {
      const answer = planFor(head);
      const { plan } = answer;
      if (plan.kind === 'pass' || plan.kind === 'unreadable') return shownAs(answer, Buffer.from(plan.kind));
      if (plan.rewriter === undefined) throw new Error('something has to be looked up');
      return shownAs(answer, Buffer.concat([plan.rewriter.push(bytesOf(answered)), plan.rewriter.end()]));
    },
    answerAfterLookUps: async (answered, head = {}) => {
      const answer = planFor(head);
      const { plan } = answer;
      if (plan.kind === 'pass' || plan.kind === 'unreadable') return shownAs(answer, Buffer.from(plan.kind));
      return shownAs(answer, await walkWhole(plan, bytesOf(answered)));
    },
  };
}

function bytesOf(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The denial a scene ends in. */
export async function refusalOf(
  scene: Scene,
): Promise<{ readonly policy: string; readonly message: string }> {
  try {
    await play(scene);
  } catch (error) {
    if (error instanceof Refusal) return error.denial;
    throw error;
  }
  throw new Error('nothing was refused');
}
