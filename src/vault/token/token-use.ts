/** One use of a token in a write, to be handed to `confirm` or `release` when the CRM has answered. */
export interface TokenUse {
  readonly record: string;
  readonly holder: string;
  /** Undefined when the CRM has the token of this data subject already. */
  readonly mark: Uint8Array | undefined;
}
