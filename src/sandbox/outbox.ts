/** A mail that a sandbox CRM has sent: to nobody, since its people are nobody. */
export interface SentMail {
  /** Addresses, copies too. */
  readonly to: readonly string[];
  readonly subject: string;
  /** Ids of files that went along. */
  readonly attachments: readonly string[];
}

export interface Outbox {
  readonly mails: readonly SentMail[];
  readonly send: (mail: SentMail) => void;
}

/** Mails remembered; older ones are forgotten. */
const MAILS_MAX = 1_000;

export function createOutbox(): Outbox {
  const mails: SentMail[] = [];
  return {
    mails,
    send: (mail) => {
      if (mails.length === MAILS_MAX) mails.shift();
      mails.push(mail);
    },
  };
}
