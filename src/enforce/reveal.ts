import type { RecordCursor } from '../media/record.ts';
import type { StoredField } from '../model/stored.ts';
import type { Detokenized, DetokenizeItem } from '../vault/detokenize.ts';
import type { FieldPlan } from './object-plan.ts';
import type { VaultAccess } from './vault-access.ts';

/** The values of an answer's tokens, a window at a time. */
export interface Revealing {
  /** Notes what has to be asked for to show a field. */
  readonly want: (record: RecordCursor, index: number, plan: FieldPlan) => void;
  readonly isWaiting: () => boolean;
  /** Asks for all that was noted, in one go; undefined when there is nothing to wait for. What was asked before is forgotten. */
  readonly fetch: () => Promise<void> | undefined;
  /** Undefined: nobody asked. */
  readonly of: (stored: StoredField, text: string) => Detokenized | undefined;
}

/** @param take counts values against the principal's budget; throws when it is used up */
export function createRevealing(vault: VaultAccess, take: (values: number) => void): Revealing {
  let wanted = new Map<string, DetokenizeItem>();
  let revealed = new Map<string, Detokenized>();
  return {
    want: (record, index, { stored, transform }) => {
      if (stored === undefined) return;
      if (transform !== undefined && transform.structure !== 'keep') return;
      const kind = record.kind(index);
      if (kind !== 'string' && kind !== 'number') return;
      const token = record.text(index);
      if (token !== '') wanted.set(nameOf(stored.as, token), { domain: stored.as.domain, token });
    },
    isWaiting: () => wanted.size > 0,
    fetch: () => {
      revealed = new Map();
      if (wanted.size === 0) return undefined;
      const asked = wanted;
      wanted = new Map();
      return ask(asked);
    },
    of: (stored, text) => revealed.get(nameOf(stored, text)),
  };

  async function ask(asked: ReadonlyMap<string, DetokenizeItem>): Promise<void> {
    const found = await vault.detokenize([...asked.values()]);
    take(found.filter((one) => 'value' in one).length);
    let next = 0;
    for (const name of asked.keys()) {
      const one = found[next++];
      if (one !== undefined) revealed.set(name, one);
    }
  }
}

function nameOf({ domain }: StoredField, token: string): string {
  return `${domain} ${token}`;
}
