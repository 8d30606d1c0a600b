import { describe, expect, it } from 'vitest';
import { comparing, createSubstitution } from '../../src/crm/substitution.ts';

const EMAIL = { objects: ['Contact'], field: 'Email' };

describe('a substitution', () => {
  it('leaves a value that nothing replaces', () => {
    const substitution = createSubstitution(() => undefined);
    expect(substitution.alternatives(EMAIL, 'a')).toBeUndefined();
    expect(substitution.single(EMAIL, 'a')).toBe('a');
    expect(substitution.failed()).toBe(false);
  });

  it('gives every alternative once', () => {
    const substitution = createSubstitution(() => ['t', 't', 'u']);
    expect(substitution.alternatives(EMAIL, 'a')).toEqual(['t', 'u']);
    expect(substitution.failed()).toBe(false);
  });

  it('gives one value where the CRM takes no more, and fails where there are more', () => {
    const single = createSubstitution(() => ['t']);
    expect(single.single(EMAIL, 'a')).toBe('t');
    expect(single.failed()).toBe(false);
    const several = createSubstitution(() => ['t', 'u']);
    several.single(EMAIL, 'a');
    expect(several.failed()).toBe(true);
  });

  it('stays failed', () => {
    const substitution = createSubstitution((_use, value) => (value === 'a' ? [] : ['t']));
    substitution.alternatives(EMAIL, 'a');
    expect(substitution.alternatives(EMAIL, 'b')).toEqual(['t']);
    expect(substitution.failed()).toBe(true);
  });
});

describe('a use that compares', () => {
  const use = { object: 'Contact', field: 'Email', position: 'lookup' } as const;
  it('says with what, when that is texts alone', () => {
    expect(comparing(use, ['a', 'b'])).toEqual({ ...use, equals: ['a', 'b'] });
  });

  it.each([[[]], [['']], [[null]], [[undefined]], [[5]], [['a', 5]], [['a', '']]])(
    'does not for %j',
    (values) => {
      expect(comparing(use, values)).toEqual(use);
    },
  );
});
