// The HTTP-POST binding (Bindings §3.5), the sending side: a form for the browser.

export interface PostForm {
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
}

export function postForm(
  parameter: 'SAMLRequest' | 'SAMLResponse',
  { destination, xml, relayState }: { destination: string; xml: string; relayState: string },
): PostForm {
  return {
    action: destination,
    fields: { [parameter]: Buffer.from(xml, 'utf8').toString('base64'), RelayState: relayState },
  };
}
