import type { CrmAdapter } from '../../crm/adapter.ts';
import type { SpecialKind } from '../../media/record.ts';
import type { OpenedLocator } from '../../model/locator.ts';
import type { Operation } from '../../model/operation.ts';
import type { Counts } from './counts.ts';

/** How the values of an answer that are no fields are replaced. */
export interface Specials {
  readonly adapter: CrmAdapter;
  readonly operation: Operation;
  /** False when the view is clear: texts then stay as they are. */
  readonly guarded: boolean;
  /** True when locators are sealed with their query. */
  readonly sealed: boolean;
  /** Corrects counts where records may be left out; undefined: none are. */
  readonly counts: Counts | undefined;
  readonly seal: (content: OpenedLocator) => string;
  /** Absolute URL of the CRM → the same through the proxy; undefined: not the CRM's. */
  readonly leadBack: (url: string) => string | undefined;
  readonly scan: (text: string) => string;
}

export function createSpecials(
  specials: Specials,
): (kind: SpecialKind, text: string, depth: number) => string | null | undefined {
  return (kind, text, depth) => {
    switch (kind) {
      case 'url':
        return specials.leadBack(text) ?? (REFERENCE.test(text) ? undefined : treatText(specials, text));
      case 'locator':
        return sealLocator(specials, text);
      case 'count':
        if (NUMBER.test(text)) return specials.counts?.corrected(text, depth);
        return specials.counts === undefined ? treatText(specials, text) : null;
      case 'text':
        return treatText(specials, text);
    }
  };
}

/** A URL, or a path on the CRM (RFC 3986 section 4.1). What stands in its place is a text like any other. */
const REFERENCE = /^(?:[a-z][a-z0-9+.-]*:\/\/|[/?#])\S*$/i;
const NUMBER = /^\d+$/;

function treatText({ guarded, scan, adapter }: Specials, text: string): string | undefined {
  if (!guarded) return undefined;
  const shown = scan(adapter.withoutIds?.(text) ?? text);
  return shown === text ? undefined : shown;
}

function sealLocator(
  { adapter, operation, sealed, seal }: Specials,
  text: string,
): string | null | undefined {
  if (!sealed || operation.continuation === undefined) return undefined;
  const found = adapter.locatorIn?.(text);
  // A locator that is not found in its text cannot be sealed; without it the client stops at this page.
  if (found === undefined) return null;
  const locator = seal({ locator: found.locator, continuation: operation.continuation });
  return found.before + locator + found.after;
}
