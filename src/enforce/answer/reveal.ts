import type { RecordCursor } from '../../media/record.ts';
import type { Detokenized } from '../../vault/token/detokenize.ts';
import type { FieldPlan } from '../record/object-plan.ts';
import type { VaultAccess } from '../stored/vault-access.ts';

/** Tokens per early look-up, which runs while the rest of the answer is still being read. */
const GROUP = 500;

/** The values of an answer's tokens, a window at a time. */
export interface Revealing {
  /**
   * Notes the token of a field; undefined: there is nothing to look up. When there are many, the first are looked up at
   * once.
   */
  readonly want: (record: RecordCursor, index: number, plan: FieldPlan) => WantedValue | undefined;
  readonly isWaiting: () => boolean;
  /** Looks up the remaining tokens, each once; undefined when there is nothing to wait for. */
  readonly fetch: () => Promise<void> | undefined;
}

export interface WantedValue {
  /** Known once it has been fetched. */
  readonly found: Detokenized | undefined;
}

interface Asked {
  readonly domain: string;
  readonly token: string;
  found: Detokenized | undefined;
}

/** @param take counts values against the principal's budget; throws when it is used up */
export function createRevealing(vault: VaultAccess, take: (values: number) => void): Revealing {
  let noted: Asked[] = [];
  let underWay: Promise<void>[] = [];
  let byDomain = new Map<string, Map<string, Asked>>();
  return {
    want: (record, index, { stored, transform }) => {
      if (stored === undefined) return undefined;
      if (transform !== undefined && transform.structure !== 'keep') return undefined;
      const kind = record.kind(index);
      if (kind !== 'string' && kind !== 'number') return undefined;
      const token = record.text(index);
      return token === '' ? undefined : wanted(stored.as.domain, token);
    },
    isWaiting: () => noted.length > 0 || underWay.length > 0,
    fetch: () => {
      if (noted.length > 0) begin();
      if (underWay.length === 0) return undefined;
      const window = underWay;
      underWay = [];
      byDomain = new Map();
      return all(window);
    },
  };

  function wanted(domain: string, token: string): Asked {
    let byToken = byDomain.get(domain);
    if (byToken === undefined) {
      byToken = new Map();
      byDomain.set(domain, byToken);
    }
    let asked = byToken.get(token);
    if (asked === undefined) {
      asked = { domain, token, found: undefined };
      byToken.set(token, asked);
      noted.push(asked);
      if (noted.length === GROUP) begin();
    }
    return asked;
  }

  function begin(): void {
    const asking = ask(noted);
    noted = [];
    // `fetch` reports it.
    asking.catch(() => undefined);
    underWay.push(asking);
  }

  async function ask(group: readonly Asked[]): Promise<void> {
    const found = await vault.detokenize(group);
    take(found.filter((one) => 'value' in one).length);
    for (const [index, asked] of group.entries()) asked.found = found[index];
  }
}

async function all(asking: readonly Promise<void>[]): Promise<void> {
  await Promise.all(asking);
}
