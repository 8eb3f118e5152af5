// `rolegate console`: the federation link for a role.

export interface ConsoleLinkInput {
  readonly broker: string;
  readonly role: string;
  readonly destination?: string | undefined;
  readonly region?: string | undefined;
}

/** @throws Error if the broker's address is not an http or https URL */
export function consoleLink({ broker, role, destination, region }: ConsoleLinkInput): string {
  if (!URL.canParse(broker) || !/^https?:$/.test(new URL(broker).protocol)) {
    throw new Error(`--broker ${broker} is not an http or https URL`);
  }
  const url = new URL('/console', broker);
  url.searchParams.set('role', role);
  if (destination !== undefined) url.searchParams.set('destination', destination);
  if (region !== undefined) url.searchParams.set('region', region);
  return url.href;
}
