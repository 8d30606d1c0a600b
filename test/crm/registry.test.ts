import { describe, expect, it } from 'vitest';
import { ADAPTER_NAMES, adapterFor } from '../../src/crm/registry.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';

describe('the CRMs', () => {
  it.each(ADAPTER_NAMES)('has an adapter for %s', (name) => {
    expect(adapterFor(name, DEFAULT_LIMITS)?.name).toBe(name);
  });

  it('has none for others', () => {
    expect(adapterFor('constructor', DEFAULT_LIMITS)).toBeUndefined();
  });
});
