import { describe, expect, it } from 'vitest';
import { narrowing, recognised } from '../request.ts';
import { adapter, ID, ownRows, soql, V } from './requests.ts';

describe('Salesforce narrowing', () => {
  it('adds fields to the query, and says which', () => {
    const query = recognised(adapter, `GET ${soql('SELECT Email FROM Contact')}`);
    const { operation, added } = adapter.narrow(query, narrowing({ Contact: ['OwnerId', 'email'] }));
    expect(operation.request.query).toEqual([['q', 'SELECT Email, OwnerId FROM Contact']]);
    expect(added).toEqual(new Map([['Contact', ['OwnerId']]]));
  });

  it.each([
    ['read', `GET ${V}/sobjects/Contact/${ID}?fields=Email`, undefined],
    ['collection-read', `GET ${V}/composite/sobjects/Contact?ids=${ID}&fields=Email`, undefined],
  ])('adds fields to %s', (_, line, body) => {
    const { operation, added } = adapter.narrow(
      recognised(adapter, line, body),
      narrowing({ Contact: ['OwnerId'] }),
    );
    expect(operation.request.query).toContainEqual(['fields', 'Email,OwnerId']);
    expect(added).toEqual(new Map([['Contact', ['OwnerId']]]));
  });

  it('adds fields to a read by POST', () => {
    const read = recognised(adapter, `POST ${V}/composite/sobjects/Contact`, {
      ids: [ID],
      fields: ['Email'],
    });
    const { operation } = adapter.narrow(read, narrowing({ Contact: ['OwnerId'] }));
    expect(JSON.parse(String(operation.request.body))).toEqual({ ids: [ID], fields: ['Email', 'OwnerId'] });
  });

  it('adds nothing to a read of all fields', () => {
    const read = recognised(adapter, `GET ${V}/sobjects/Contact/${ID}`);
    expect(adapter.narrow(read, narrowing({ Contact: ['OwnerId'] }))).toEqual({
      operation: read,
      added: new Map(),
      rowsPushed: true,
    });
  });

  it('never counts rows of an explanation as pushed', () => {
    const plan = recognised(adapter, `GET ${V}/query?explain=SELECT+Id+FROM+Contact`);
    expect(plan.aggregates).toBe(true);
    expect(adapter.narrow(plan, narrowing({}, { Contact: [ownRows] })).rowsPushed).toBe(false);
  });
});
