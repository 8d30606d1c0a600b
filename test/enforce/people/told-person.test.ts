import { describe, expect, it } from 'vitest';
import type { Naming } from '../../../src/enforce/people/person.ts';
import { askTold, toldPerson } from '../../../src/enforce/people/told-person.ts';
import { guardVault } from '../../../src/enforce/stored/vault-access.ts';
import type { ObjectView } from '../../../src/model/decision.ts';
import type { Detokenized, DetokenizeItem } from '../../../src/vault/token/detokenize.ts';
import { registryOf } from '../registry.ts';

const VIEW: Pick<ObjectView, 'object' | 'person' | 'stored'> = {
  object: 'Contact',
  person: { id: 'Id', email: 'Email', phone: 'Phone' },
  stored: (field) =>
    field === 'Id'
      ? undefined
      : { domain: field.toLowerCase(), form: { kind: 'deterministic' }, policies: [] },
};
const NAMING: Naming = {
  name: (object, id) => `crm:${object}:${id}`,
  isOwnId: () => false,
  objectOf: () => undefined,
  userObject: undefined,
  elsewhere: () => [],
};
const NOTHING_READ = () => Promise.resolve();
const token = (letter: string): string => `pvt1_${letter.repeat(26)}`;

const told = (record: Readonly<Record<string, string | null>>) =>
  toldPerson(
    VIEW as ObjectView,
    (field) => record[field],
    () => undefined,
    NAMING,
  );

/** A vault with two tokens, one of which is erased. */
function vaultOf() {
  const asked: (readonly DetokenizeItem[])[] = [];
  const found = (one: string): Detokenized =>
    one === token('a') ? { value: 'ana@example.com' } : { failed: one === token('b') ? 'erased' : 'unknown' };
  const detokenize = (items: readonly DetokenizeItem[]) => {
    asked.push(items);
    return Promise.resolve(items.map((item) => found(item.token)));
  };
  return { asked, vault: { ...guardVault(undefined), detokenize } };
}

describe('a person of whose address the CRM keeps a token', () => {
  it('is asked about by the address, all of a window in one go', async () => {
    const { asked, vault } = vaultOf();
    const registry = registryOf([{ who: { email: 'ana@example.com' }, restricted: true }]);
    const people = [
      told({ Id: '1', Email: token('a'), Phone: null }),
      told({ Id: '2', Email: '', Phone: '' }),
      told({ Id: '3', Email: token('a'), Phone: '+34600000000' }),
    ].flatMap((one) => one ?? []);
    const standings = await askTold(registry, vault, NOTHING_READ).standings(people);
    expect(standings.map((standing) => standing?.restricted)).toEqual([true, false, true]);
    expect(asked).toHaveLength(1);
    expect(registry.asked).toEqual([
      [
        { record: 'crm:Contact:1', email: 'ana@example.com' },
        { record: 'crm:Contact:2' },
        // A number that was written before its field was stored is no token.
        { record: 'crm:Contact:3', email: 'ana@example.com', phone: '+34600000000' },
      ],
    ]);
  });

  it.each([
    ['erased', token('b')],
    ['not one of this vault', token('c')],
  ])('cannot be told where the token is %s, and others can', async (_, email) => {
    const registry = registryOf([]);
    const people = [
      told({ Id: '1', Email: email, Phone: null }),
      told({ Id: '2', Email: token('a'), Phone: null }),
    ];
    const standings = await askTold(registry, vaultOf().vault, NOTHING_READ).standings(
      people.flatMap((one) => one ?? []),
    );
    expect(standings.map((standing) => standing?.restricted)).toEqual([undefined, false]);
  });

  it('cannot be told where the address was not read, and the vault is not asked where nothing is sealed', async () => {
    expect(told({ Id: '1', Phone: null })).toBeUndefined();
    const { asked, vault } = vaultOf();
    await askTold(registryOf([]), vault, NOTHING_READ).standings([{ record: 'crm:Contact:1' }]);
    expect(asked).toEqual([]);
  });

  it('is shown to nobody while the vault is away', async () => {
    const people = [told({ Id: '1', Email: token('a'), Phone: null })].flatMap((one) => one ?? []);
    await expect(
      askTold(registryOf([]), guardVault(undefined), NOTHING_READ).standings(people),
    ).rejects.toMatchObject({
      code: 'VAULT_UNAVAILABLE',
    });
  });
});
