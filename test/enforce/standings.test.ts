import { describe, expect, it } from 'vitest';
import { createStandings } from '../../src/enforce/standings.ts';
import { NOTHING_ON_RECORD, type Standing } from '../../src/model/consent.ts';
import type { DataSubjectKeys } from '../../src/model/data-subject.ts';

const RESTRICTED: Standing = { ...NOTHING_ON_RECORD, restricted: true };

/** A registry in which `eva@example.org` is restricted. */
function asked() {
  const calls: (readonly DataSubjectKeys[])[] = [];
  const standings = createStandings({
    standings: (people) => {
      calls.push(people);
      const found = people.map(({ email }) => (email === 'eva@example.org' ? RESTRICTED : NOTHING_ON_RECORD));
      return Promise.resolve(found);
    },
  });
  return { standings, calls };
}

describe('where the people of a window stand', () => {
  it('is told record by record, of those who were asked about, in one go', async () => {
    const { standings, calls } = asked();
    standings.want('1', { email: 'ana@example.org' });
    standings.want('2', undefined);
    const eva = standings.want('3', { email: 'eva@example.org' });
    expect(standings.isWaiting()).toBe(true);
    await standings.fetch();
    expect(calls).toHaveLength(1);
    expect(['1', '2', '3'].map(standings.next)).toEqual([NOTHING_ON_RECORD, undefined, RESTRICTED]);
    expect(eva.standing).toBe(RESTRICTED);
  });

  it.each([
    { what: 'another record than was noted', marks: ['2'] },
    { what: 'a record more than were noted', marks: ['1', undefined] },
  ])('is not known of $what', async ({ marks }) => {
    const { standings } = asked();
    standings.want('1', { email: 'ana@example.org' });
    await standings.fetch();
    expect(marks.map(standings.next).at(-1)).toBeUndefined();
  });

  it('is forgotten with the window, also when the next asks about nobody', async () => {
    const { standings, calls } = asked();
    standings.want('1', { email: 'eva@example.org' });
    await standings.fetch();
    standings.want('1', undefined);
    expect(standings.isWaiting()).toBe(false);
    expect(standings.fetch()).toBeUndefined();
    expect(standings.next('1')).toBeUndefined();
    expect(calls).toHaveLength(1);
  });
});
