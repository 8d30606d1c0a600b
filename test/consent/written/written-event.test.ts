import { describe, expect, it } from 'vitest';
import {
  type EventReading,
  readWrittenEvent,
  type WrittenEvent,
} from '../../../src/consent/written/written-event.ts';
import { NOON } from '../../fixtures/consent.ts';

const READING: EventReading = {
  resolve: (id) => (id === '003' ? { record: 'sales::003' } : { problem: 'found an id without an upstream' }),
  phoneRegion: 'ES',
  purposes: () => ['marketing.email', 'marketing.phone', 'research'],
  source: 'import',
  clock: () => NOON,
  clockToleranceMs: 30_000,
};
const BASE = { email: 'ana@acme.example', purpose: 'marketing.email', state: 'granted', at: '2026-11-01' };

const read = (written: WrittenEvent, reading: Partial<EventReading> = {}) =>
  readWrittenEvent({ ...BASE, ...written }, { ...READING, ...reading });

describe('an event as people write it', () => {
  it('is read with all it says, trimmed', () => {
    const written = {
      id: ' 003 ',
      phone: '600 100 200',
      at: '2026-11-01T10:00:00+01:00',
      source: 'form',
      basis: 'consent',
      until: '2027-01-01',
    };
    expect(read(written)).toEqual({
      event: {
        who: { record: 'sales::003', email: 'ana@acme.example', phone: '600 100 200' },
        purpose: 'marketing.email',
        state: 'granted',
        at: Date.UTC(2026, 10, 1, 9),
        source: 'form',
        basis: 'consent',
        until: Date.UTC(2027, 0, 2),
      },
    });
  });

  it.each<[what: string, written: WrittenEvent]>([
    ['a withdrawal from everything', { state: 'withdrawn', purpose: '' }],
    ['an objection to everything', { state: 'objected', purpose: '' }],
    ['an end of all objections', { state: 'objection-ended', purpose: '' }],
    ['a restriction', { state: 'restricted', purpose: '', until: '2027-01-01' }],
    ['an end of it', { state: 'restriction-ended', purpose: '' }],
    ['a moment that the clocks may differ by', { at: new Date(NOON + 20_000).toISOString() }],
    ['a time with a blank', { at: '2026-11-01 10:00:00Z' }],
    [
      'an objection to all marketing, where only kinds of it are declared',
      { state: 'objected', purpose: 'marketing' },
    ],
    ['a leap day', { at: '2024-02-29' }],
  ])('may be %s', (_, written) => {
    expect(read(written)).toHaveProperty('event');
  });

  it.each<[what: string, written: WrittenEvent, problem: RegExp]>([
    ['nobody', { email: ' ' }, /nobody, expected an id, an email or a phone/],
    ['an id that names nothing', { id: '17' }, /without an upstream/],
    ['no address', { email: 'ana' }, /an email that is no address/],
    ['two addresses', { email: 'ana@a.example ben@b.example' }, /an email that is no address/],
    ['no number', { phone: 'call me' }, /a phone that cannot be read/],
    ['no state', { state: '' }, /no state, expected one of granted/],
    ['an unknown state', { state: 'grantd' }, /unknown state.*did you mean "granted"/],
    ['a grant of everything', { purpose: '' }, /no purpose/],
    ['a restriction to a purpose', { state: 'restricted' }, /a purpose, expected none/],
    [
      'an undeclared purpose',
      { purpose: 'marketing.emails' },
      /undeclared purpose.*did you mean "marketing.email"/,
    ],
    ['a grant of what is only above declared purposes', { purpose: 'marketing' }, /undeclared purpose/],
    ['what is no purpose', { purpose: 'Marketing e-mail' }, /a purpose that is none/],
    ['no time', { at: '' }, /no "at"/],
    ['what is no time', { at: 'yesterday' }, /an at that is no time/],
    ['a day that is none', { at: '2026-02-30' }, /an at that is no time/],
    ['a month that is none', { at: '2026-13-01' }, /an at that is no time/],
    ['a time without a zone', { at: '2026-11-01T10:00:00' }, /an at that is no time/],
    ['an hour that is none', { at: '2026-11-01T25:00:00Z' }, /an at that is no time/],
    ['the future', { at: '2026-12-01' }, /an "at" in the future/],
    ['an end before the beginning', { until: '2026-10-01' }, /an "until" that is not after "at"/],
    ['an end of an end', { state: 'objection-ended', until: '2027-01-01' }, /an end does not end/],
    ["the CRM's own source", { source: 'crm' }, /the source crm/],
    ['a long source', { source: 'x'.repeat(201) }, /a source that is too long/],
    ['a basis of several lines', { basis: 'a\nb' }, /a basis that is too long/],
  ])('is refused with %s', (_, written, problem) => {
    expect(read(written)).toEqual({ problems: [expect.stringMatching(problem)] });
  });

  it('is told of all that is wrong at once, in words that repeat no value', () => {
    const written = {
      email: 'secret',
      phone: 'secret',
      id: 'secret',
      state: 'secret',
      at: 'secret',
      until: 'secret',
    };
    const answer = read(written);
    expect('problems' in answer && answer.problems).toHaveLength(6);
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it('takes numbers without a country only where the configuration says which', () => {
    const { phoneRegion: _, ...without } = READING;
    expect(readWrittenEvent({ ...BASE, phone: '600100200' }, without)).toEqual({
      problems: [expect.stringMatching(/or consent.phoneRegion in the configuration/)],
    });
    expect(readWrittenEvent({ ...BASE, phone: '0034 600100200' }, without)).toHaveProperty('event');
  });

  it('may be for any purpose where none are declared', () => {
    const open = { ...READING, purposes: () => undefined };
    expect(readWrittenEvent({ ...BASE, purpose: 'anything.else' }, open)).toHaveProperty('event');
  });
});
