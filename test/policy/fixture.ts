import { formatProblem } from '../../src/document/problem.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import type { Decision, DecisionFacts, View } from '../../src/model/decision.ts';
import type { Operation, OperationKind } from '../../src/model/operation.ts';
import type { Principal } from '../../src/model/principal.ts';
import { type Caller, callerOf } from '../../src/policy/caller.ts';
import { type CompileOptions, compilePolicies } from '../../src/policy/compile/compile.ts';
import type { CrmTraits } from '../../src/policy/data-map.ts';
import * as decision from '../../src/policy/decide/decide.ts';
import type { PolicySnapshot } from '../../src/policy/snapshot.ts';

export const SALESFORCE: CrmTraits = { name: 'salesforce', namesIgnoreCase: true, through: 'fields' };
export const HUBSPOT: CrmTraits = { name: 'hubspot', namesIgnoreCase: false, through: 'objects' };

export const OPTIONS: CompileOptions = {
  crms: [SALESFORCE, HUBSPOT],
  unclassifiedField: 'show',
  restriction: { visibleTo: [] },
  limits: DEFAULT_LIMITS,
};

export const MAPS = `
dataMap: salesforce
objects:
  Contact:
    dataSubject: { id: Id, email: Email, phone: Phone }
    owner: OwnerId
    country: MailingCountry
    fields:
      FirstName: identity.name
      Email: contact.email
      Phone: contact.phone
      MobilePhone: contact.phone
      Birthdate: identity.birthdate
      NIF__c: identity.national-id
      Description: free-text
      MailingAddress: [contact.address, contact.postal-code]
      MailingPostalCode: contact.postal-code
      LeadSource: none
  Lead:
    dataSubject: { id: Id, email: Email }
    fields: { Email: contact.email, Company: none }
  Account: { owner: OwnerId, fields: { Name: none, Website: contact.social } }
---
dataMap: hubspot
objects:
  contacts:
    dataSubject: { id: hs_object_id, email: email }
    fields: { email: contact.email, hs_email_domain: contact.email, city: contact.address, nif: identity.national-id }
`;

/** Compiles policies over the maps above; throws with every problem when they are wrong. */
export function snapshotOf(
  policies: string,
  options: Partial<CompileOptions> = {},
  maps = MAPS,
): PolicySnapshot {
  const files = [
    { path: 'maps.yaml', name: 'maps.yaml', layer: 0, text: maps },
    { path: 'p.yaml', name: 'p.yaml', layer: 0, text: policies },
  ];
  const compiled = compilePolicies(files, 'hash', { ...OPTIONS, ...options });
  if ('problems' in compiled) throw new Error(compiled.problems.map(formatProblem).join('\n'));
  return compiled.snapshot;
}

export function principal(over: Partial<Principal> = {}): Principal {
  return { id: 'ana', roles: ['support'], purposes: [], via: 'jwt', ...over };
}

/** A principal where nothing is declared. */
export function caller(over: Partial<Principal> = {}): Caller {
  return callerOf(principal(over), {});
}

export function operation(kind: OperationKind, over: Partial<Operation> = {}): Operation {
  return {
    route: 'test',
    kind,
    objects: ['Contact'],
    uses: [],
    aggregates: false,
    body: { format: 'opaque' },
    answer: { format: 'plain', error: { is: 'plain' } },
    request: { method: 'GET', path: '/', segments: [], query: [], contentType: '', accept: '' },
    ...over,
  };
}

/** An ordinary day on which nobody is restricted. */
export const FACTS: DecisionFacts = { now: Date.UTC(2026, 10, 25), anyRestricted: false };

/** `decide` on an ordinary day. */
export function decide(
  snapshot: PolicySnapshot,
  crm: CrmTraits,
  who: Principal,
  operation: Operation,
  facts: Partial<DecisionFacts> = {},
): Decision {
  return decision.decide({ snapshot, crm, principal: who, operation, facts: { ...FACTS, ...facts } });
}

/** `viewsOfReading` on an ordinary day. */
export function viewsOfReading(
  snapshot: PolicySnapshot,
  crm: CrmTraits,
  who: Principal,
  operation: Operation,
  facts: Partial<DecisionFacts> = {},
): readonly View[] {
  return decision.viewsOfReading({ snapshot, crm, principal: who, operation, facts: { ...FACTS, ...facts } });
}

/** `viewsAhead` on an ordinary day. */
export function viewsAhead(
  snapshot: PolicySnapshot,
  crm: CrmTraits,
  who: Principal,
  operation: Operation,
  facts: Partial<DecisionFacts> = {},
): readonly View[] {
  return decision.viewsAhead({ snapshot, crm, principal: who, operation, facts: { ...FACTS, ...facts } });
}

/** Levels, regions, and a contact that has one of each. */
export const LEVELS = `levels: [public, internal, confidential]
---
region: EU
countries: [ES, España, PL]
---
region: US
countries: [US, United States]
---
dataMap: salesforce
objects:
  Contact: { level: Confidentiality__c }
---
`;
