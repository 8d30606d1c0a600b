import { describe, expect, it } from 'vitest';
import {
  type AskedStanding,
  createStandings,
  type Standings,
} from '../../../src/enforce/answer/standings.ts';
import { NOTHING_ON_RECORD, type Standing } from '../../../src/model/consent.ts';
import type { DataSubjectKeys } from '../../../src/model/data-subject.ts';

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

function want(standings: Standings, email: string): AskedStanding {
  const asked: AskedStanding = { standing: undefined };
  standings.want({ email }, asked);
  return asked;
}

describe('where the people of a window stand', () => {
  it('is told to whoever wanted to know, of all in one go', async () => {
    const { standings, calls } = asked();
    const ana = want(standings, 'ana@example.org');
    const eva = want(standings, 'eva@example.org');
    expect(standings.isWaiting()).toBe(true);
    expect([ana, eva].map(({ standing }) => standing)).toEqual([undefined, undefined]);
    await standings.fetch();
    expect(calls).toHaveLength(1);
    expect([ana, eva].map(({ standing }) => standing)).toEqual([NOTHING_ON_RECORD, RESTRICTED]);
  });

  it('is asked anew for the next window, and not at all where nobody is wanted', async () => {
    const { standings, calls } = asked();
    const eva = want(standings, 'eva@example.org');
    await standings.fetch();
    expect(standings.isWaiting()).toBe(false);
    expect(standings.fetch()).toBeUndefined();
    const again = want(standings, 'eva@example.org');
    expect(again.standing).toBeUndefined();
    await standings.fetch();
    expect([eva, again].map(({ standing }) => standing)).toEqual([RESTRICTED, RESTRICTED]);
    expect(calls).toHaveLength(2);
  });

  it('stays unknown when the registry fails', async () => {
    const standings = createStandings({ standings: () => Promise.reject(new Error('lost')) });
    const ana = want(standings, 'ana@example.org');
    await expect(standings.fetch()).rejects.toThrow('lost');
    expect(ana.standing).toBeUndefined();
  });
});
