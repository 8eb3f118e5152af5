// Reads the forms out of a page, as far as server-made pages need it: no scripts, no nesting, no file uploads.

export interface HtmlForm {
  /** Absolute URL the form is sent to. */
  action: string;
  method: 'GET' | 'POST';
  id: string | undefined;
  name: string | undefined;
  /** What is sent when nothing is filled in, in document order; buttons are not among it. */
  fields: [name: string, value: string][];
  /** Named submit buttons; to press one, give its name and value when submitting. */
  buttons: [name: string, value: string][];
}

type Attributes = Map<string, string>;

const TAG = /<(\/?)([a-z]+)((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi;
const ATTRIBUTE = /([^\s=/"'<>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g;
const INERT = /<!--[\s\S]*?-->|<(script|style|template)\b[\s\S]*?<\/\1\s*>/gi;
const BUTTON_TYPES = new Set(['submit', 'image', 'reset', 'button']);
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** All forms of a page; relative actions are resolved against the page's address. */
export function parseForms(html: string, pageUrl: string): HtmlForm[] {
  const page = html.replace(INERT, '');
  return [...page.matchAll(/<form\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([\s\S]*?)<\/form\s*>/gi)].map(
    ([, head = '', body = '']) => {
      const attributes = parseAttributes(head);
      return {
        action: new URL(attributes.get('action') ?? '', pageUrl).href,
        method: attributes.get('method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
        id: attributes.get('id'),
        name: attributes.get('name'),
        ...parseControls(body),
      };
    },
  );
}

/** The content of `<meta name="…">`, or undefined. */
export function metaContent(html: string, name: string): string | undefined {
  const tags = [...html.replace(INERT, '').matchAll(TAG)].filter(([, , tag]) => tag?.toLowerCase() === 'meta');
  const found = tags.map(([, , , text = '']) => parseAttributes(text)).find((meta) => meta.get('name') === name);
  return found?.get('content');
}

/** Turns character references into characters. */
export function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[String(name).toLowerCase()] ?? whole;
  });
}

function parseControls(body: string): Pick<HtmlForm, 'fields' | 'buttons'> {
  const fields: HtmlForm['fields'] = [];
  const buttons: HtmlForm['buttons'] = [];
  for (const match of body.matchAll(TAG)) {
    const [, closing, tag = '', text = ''] = match;
    const attributes = parseAttributes(text);
    const name = attributes.get('name');
    if (closing || !name || attributes.has('disabled')) continue;
    const rest = body.slice(match.index + match[0].length);
    const value = attributes.get('value') ?? '';
    const type = attributes.get('type')?.toLowerCase() ?? '';
    switch (tag.toLowerCase()) {
      case 'input':
        if (BUTTON_TYPES.has(type)) buttons.push([name, value]);
        else if (type !== 'checkbox' && type !== 'radio') fields.push([name, value]);
        else if (attributes.has('checked')) fields.push([name, attributes.get('value') ?? 'on']);
        break;
      case 'button':
        if (type !== 'button' && type !== 'reset') buttons.push([name, value]);
        break;
      case 'textarea':
        fields.push([name, decodeEntities(contentUpTo('textarea', rest)).replace(/^\r?\n/, '')]);
        break;
      case 'select':
        fields.push(...selectedOptions(contentUpTo('select', rest), attributes.has('multiple')).map(toField(name)));
    }
  }
  return { fields, buttons };
}

function toField(name: string): (value: string) => [string, string] {
  return (value) => [name, value];
}

/** Without a selected option a plain list sends its first one. */
function selectedOptions(content: string, isMultiple: boolean): string[] {
  const options = [...content.matchAll(/<option\b((?:"[^"]*"|'[^']*'|[^>"'])*)>([^<]*)/gi)].map(
    ([, head = '', label = '']) => {
      const attributes = parseAttributes(head);
      const value = attributes.get('value') ?? decodeEntities(label).trim();
      return { value, isSelected: attributes.has('selected') };
    },
  );
  const selected = options.filter((option) => option.isSelected);
  return (selected.length > 0 || isMultiple ? selected : options.slice(0, 1)).map((option) => option.value);
}

function contentUpTo(tag: string, text: string): string {
  return text.split(new RegExp(`</${tag}`, 'i'), 1)[0] ?? '';
}

function parseAttributes(text: string): Attributes {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name = '', ...values]) => [
      name.toLowerCase(),
      decodeEntities(values.find((value) => value !== undefined) ?? ''),
    ]),
  );
}
