import { describe, expect, it } from 'vitest';
import { ACCOUNT, CASE, DOCUMENT, LIBRARY, LINK, PACK_MAPS, salesforce, VERSION } from '../documents.ts';
import { play, refusalOf, type Scene, V59 } from '../fixture.ts';
import { ID } from '../people.ts';
import { registryOf } from '../registry.ts';

const policies = `
policy: agreed
on: { objects: [ContentVersion] }
require: { consent: reading, otherwise: omit-record }
`;
/** Contact 1 has agreed: document 1 is about nobody else, 2 about contact 2 as well, 3 about nobody. */
const consent = registryOf([{ who: { email: 'p1@example.com' }, consent: { reading: 'granted' } }]);
const scene = (request: string, body?: unknown, over: Partial<Scene> = {}): Scene => ({
  policies,
  maps: PACK_MAPS,
  consent,
  answers: salesforce,
  request,
  ...(body === undefined ? {} : { body }),
  ...over,
});
const LINKS = `${V59}/sobjects/ContentDocumentLink`;
const link = (index: number, LinkedEntityId: string) => ({
  ContentDocumentId: DOCUMENT(index),
  LinkedEntityId,
});
const several = (...records: readonly object[]) => ({
  records: records.map((record) => ({ attributes: { type: 'ContentDocumentLink' }, ...record })),
});

describe('whoever may see files only of people who have agreed', () => {
  it.each<[string, string, unknown?]>([
    ['take a link of others away', `DELETE ${LINKS}/${LINK(22)}`],
    ['take one of several away', `DELETE ${V59}/composite/sobjects?ids=${LINK(12)},${LINK(22)}`],
    ['link what is about nobody', `POST ${LINKS}`, link(3, ID(1))],
    [
      'link it by another spelling',
      `POST ${LINKS}`,
      { contentDOCUMENTid: DOCUMENT(3), LinkedEntityId: ID(1) },
    ],
    ['link it by a value', `POST ${LINKS}`, { ContentDocument: { Id: DOCUMENT(3) }, LinkedEntityId: ID(1) }],
    ['link it among others', `POST ${V59}/composite/sobjects`, several(link(1, ACCOUNT), link(3, ID(1)))],
    ['move a link', `PATCH ${LINKS}/${LINK(22)}`, { LinkedEntityId: ID(1) }],
    ['add a version of their own', `POST ${V59}/sobjects/ContentVersion`, { ContentDocumentId: DOCUMENT(2) }],
  ])('does not gain a file: they do not %s', async (_, request, body) => {
    expect(await refusalOf(scene(request, body))).toEqual({
      policy: 'agreed',
      message:
        'Whether somebody has agreed to reading may not be recorded by those who need it to see records. Records of people who are not known to have agreed: 1.',
    });
  });

  it('does not gain one where the CRM does not tell who a link is about', async () => {
    const away = { answers: () => undefined };
    expect((await refusalOf(scene(`DELETE ${LINKS}/${LINK(12)}`, undefined, away))).policy).toBe('agreed');
  });

  it.each<[string, string, unknown?]>([
    ['links what they see', `POST ${LINKS}`, link(1, CASE(2))],
    ['takes its links away', `DELETE ${LINKS}/${LINK(12)}`],
    ['shows it to others', `PATCH ${LINKS}/${LINK(22)}`, { Visibility: 'AllUsers' }],
    [
      'publishes another',
      `POST ${V59}/sobjects/ContentVersion`,
      { FirstPublishLocationId: LIBRARY, Title: 'X' },
    ],
    ['retitles a version', `PATCH ${V59}/sobjects/ContentVersion/${VERSION(1)}`, { Title: 'X' }],
    ['reads links', `GET ${LINKS}/${LINK(22)}`],
    ['deletes what is no link', `DELETE ${V59}/sobjects/Account/${ACCOUNT}`],
  ])('%s', async (_, request, body) => {
    expect((await play(scene(request, body))).refusal).toBeUndefined();
  });

  it('uploads no links, of which nobody can tell what they link before all of them are there', async () => {
    const job = { object: 'ContentDocumentLink', operation: 'delete' };
    const create = scene(`POST ${V59}/jobs/ingest`, job);
    expect((await refusalOf(create)).policy).toBe('agreed');
    expect(
      (await play(scene(`POST ${V59}/jobs/ingest`, { ...job, object: 'Case' }))).refusal,
    ).toBeUndefined();
  });

  it('is bound by no other requirement', async () => {
    const others = policies.replace('ContentVersion', 'Contact');
    const request = `DELETE ${LINKS}/${LINK(22)}`;
    expect((await play(scene(request, undefined, { policies: others }))).refusal).toBeUndefined();
  });
});
