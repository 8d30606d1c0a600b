import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { OpenedLocator } from '../model/locator.ts';
import type { Principal } from '../model/principal.ts';

/** Marks a sealed locator, so that a native one is never tried. Survives as a path segment and in a query. */
const MARK = 'pv1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/**
 * Bound of the content: SOQL has at most 100,000 characters, which with the locator take about twice as many bytes in
 * UTF-8.
 */
const CONTENT_BYTES_MAX = 262_144;

/** Who can open a sealed locator: no other principal, and no other CRM. */
export interface LocatorOwner {
  readonly upstream: string;
  readonly principal: string;
}

/** @param upstream name in the configuration */
export function locatorOwner(upstream: string, { via, id }: Principal): LocatorOwner {
  return { upstream, principal: `${via}:${id}` };
}

/**
 * Seals paging locators. Follow-up pages carry no query text, so the query that began them travels inside the locator:
 * encrypted, bound to principal and upstream (AES-256-GCM, NIST SP 800-38D), and nothing has to be remembered,
 * replicated or expired.
 */
export interface LocatorSeal {
  readonly seal: (owner: LocatorOwner, content: OpenedLocator) => string;
  /** Undefined for anything that was not sealed for this owner. */
  readonly open: (owner: LocatorOwner, sealed: string) => OpenedLocator | undefined;
}

/**
 * @param key 32 bytes, for this use alone
 * @param olderKeys keys that sealed locators still in use; may include `key`
 */
export function createLocatorSeal(key: Buffer, olderKeys: readonly Buffer[] = []): LocatorSeal {
  const keys = [key, ...olderKeys.filter((older) => !older.equals(key))];
  const nonceKey = createHmac('sha256', key).update('nonce of a locator').digest();
  return {
    seal: (owner, content) => {
      const plain = deflateRawSync(JSON.stringify([content.locator, content.continuation]));
      const nonce = nonceOf(nonceKey, owner, plain);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(additionalData(owner));
      const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
      return MARK + Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
    },
    open: (owner, sealed) => {
      if (!sealed.startsWith(MARK)) return undefined;
      const bytes = Buffer.from(sealed.slice(MARK.length), 'base64url');
      if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
      for (const candidate of keys) {
        const opened = decrypt(candidate, bytes, owner);
        if (opened !== undefined) return opened;
      }
      return undefined;
    },
  };
}

/**
 * Made of what is sealed (as RFC 5297 does), so that the id of a job is the same in every answer. The owner learns no
 * more by it than that two of their locators are one.
 */
function nonceOf(key: Buffer, owner: LocatorOwner, plain: Buffer): Buffer {
  const mac = createHmac('sha256', key).update(additionalData(owner)).update(plain);
  return mac.digest().subarray(0, NONCE_BYTES);
}

function decrypt(key: Buffer, bytes: Buffer, owner: LocatorOwner): OpenedLocator | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(additionalData(owner));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    const text = inflateRawSync(plain, { maxOutputLength: CONTENT_BYTES_MAX }).toString();
    const [locator, continuation] = JSON.parse(text) as [string, string];
    return { locator, continuation };
  } catch {
    // Tampered with, sealed for somebody else, or with a key that is gone.
    return undefined;
  }
}

function additionalData(owner: LocatorOwner): Buffer {
  return Buffer.from(JSON.stringify(['locator', owner.upstream, owner.principal]));
}
