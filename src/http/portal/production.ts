// Two questions about an account's environment, which the configuration names freely. One decides what a page calls
// production, the other where the broker is careful; the second covers more names on purpose.

/** Whether pages mark the account as production: a name that everybody uses for it, or a kind of it such as `prod-eu`. */
export function isProductionName(environment: string | undefined): boolean {
  return environment !== undefined && /^(prod|production|prd|live)([^a-z]|$)/i.test(environment);
}

/**
 * Whether a console link always asks before it opens, and warns: any name that contains a word for production, such as
 * `eu-prod` or `preprod`, and an account without a name.
 */
export function needsCare(environment: string | undefined): boolean {
  return environment === undefined || /prod|prd|live/i.test(environment);
}
