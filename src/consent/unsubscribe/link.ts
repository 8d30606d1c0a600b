import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { DataSubjectKeys } from '../../model/data-subject.ts';

/** What a link is for: one person, one purpose, and what the click says. */
export interface UnsubscribeLink {
  readonly who: DataSubjectKeys;
  readonly purpose: string;
  readonly state: 'withdrawn' | 'objected';
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

export type OpenedLink = { readonly link: UnsubscribeLink } | { readonly refused: 'invalid' | 'expired' };

/** Seals links into tokens and opens them again. */
export interface UnsubscribeTokens {
  /** In characters that a URL takes as they are. */
  readonly seal: (link: UnsubscribeLink) => string;
  /** @param now milliseconds since the epoch */
  readonly open: (token: string, now: number) => OpenedLink;
}

const VERSION = 1;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const TOKEN_LENGTH_MAX = 2_048;
/**
 * Every token has a key of its own, so the nonce may be constant (NIST SP 800-38D section 8 forbids only to repeat it
 * under one key).
 */
const NONCE = Buffer.alloc(12);
const INVALID = { refused: 'invalid' } as const;

type Payload = readonly [
  state: UnsubscribeLink['state'],
  purpose: string,
  expires: number,
  who: DataSubjectKeys,
];

/**
 * Tokens are sealed with AES-256-GCM: nobody else can make one, read who it is about, or change it.
 * @param key 32 bytes, the same for ever: links stand in letters that were sent
 */
export function createUnsubscribeTokens(key: Buffer): UnsubscribeTokens {
  const keyFor = (salt: Buffer): Buffer => createHmac('sha256', key).update(salt).digest();
  return {
    seal: ({ who, purpose, state, expires }) => {
      const salt = randomBytes(SALT_BYTES);
      const head = Buffer.from([VERSION]);
      const cipher = createCipheriv('aes-256-gcm', keyFor(salt), NONCE).setAAD(head);
      const payload: Payload = [state, purpose, expires, who];
      const sealed = [cipher.update(JSON.stringify(payload)), cipher.final(), cipher.getAuthTag()];
      return Buffer.concat([head, salt, ...sealed]).toString('base64url');
    },
    open: (token, now) => {
      if (token.length > TOKEN_LENGTH_MAX || !/^[\w-]+$/.test(token)) return INVALID;
      const bytes = Buffer.from(token, 'base64url');
      // Only the canonical spelling of the bytes is accepted.
      if (bytes.toString('base64url') !== token || bytes[0] !== VERSION) return INVALID;
      const salt = bytes.subarray(1, 1 + SALT_BYTES);
      const sealed = bytes.subarray(1 + SALT_BYTES, -TAG_BYTES);
      const tag = bytes.subarray(-TAG_BYTES);
      if (salt.length < SALT_BYTES || sealed.length === 0 || bytes.length < 1 + SALT_BYTES + TAG_BYTES)
        return INVALID;
      const decipher = createDecipheriv('aes-256-gcm', keyFor(salt), NONCE, { authTagLength: TAG_BYTES });
      decipher.setAAD(bytes.subarray(0, 1)).setAuthTag(tag);
      try {
        const text = Buffer.concat([decipher.update(sealed), decipher.final()]).toString();
        // Sealed by this key alone.
        const [state, purpose, expires, who] = JSON.parse(text) as Payload;
        return now < expires ? { link: { who, purpose, state, expires } } : { refused: 'expired' };
      } catch {
        return INVALID;
      }
    },
  };
}
