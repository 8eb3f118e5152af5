// The refusals of the emulator that end on its error page, with the numbers an AD FS administrator would look for.

/** A refusal: `code` is AD FS's MSIS code, `eventId` its event. */
export class AdfsError extends Error {
  override readonly name = 'AdfsError';
  readonly code: string;
  readonly eventId: number;
  readonly relyingParty: string | undefined;

  constructor(
    code: string,
    message: string,
    options: { eventId?: number; relyingParty?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.eventId = options.eventId ?? 364;
    this.relyingParty = options.relyingParty;
  }
}
