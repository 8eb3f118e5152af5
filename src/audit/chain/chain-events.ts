// Audit events about the chains themselves: signatures, the heads of other chains, and the orderly end.

/** A record of a chain, and with it every record before: `hash` is what the next record's `previous` holds. */
export interface ChainHead {
  /** Number of the record. */
  readonly audit: number;
  readonly hash: string;
}

export interface NamedHead extends ChainHead {
  readonly chain: string;
}

/** The next signature is due after so many records or seconds. */
export interface SignaturePolicy {
  readonly everyRecords: number;
  readonly everySeconds: number;
}

export type ChainEvent =
  | ({
      readonly event: 'chain_signed';
      /** The last record that the signature covers, of the chain that this record is in. */
      readonly head: ChainHead;
      readonly algorithm: string;
      readonly keyId: string;
      /** base64url */
      readonly signature: string;
    } & SignaturePolicy)
  | {
      /** What other processes said about their chains: these records were there. */
      readonly event: 'chain_anchored';
      readonly anchors: readonly NamedHead[];
    }
  /** The process ends in order: nothing follows but the last signature. */
  | { readonly event: 'chain_closed' }
  /** A buffered sink had no room: these records are missing there, and only there. */
  | { readonly event: 'audit_dropped'; readonly sink: string; readonly dropped: number };
