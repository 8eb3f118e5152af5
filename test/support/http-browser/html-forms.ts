// Reads the forms out of a page with parse5, as far as server-made pages need it: no scripts, no file uploads.
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse, parseFragment } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

export interface HtmlForm {
  /** Absolute URL the form is sent to. */
  action: string;
  method: 'GET' | 'POST';
  id: string | undefined;
  name: string | undefined;
  /** The fields that an untouched form sends, in document order; buttons are not among them. */
  fields: [name: string, value: string][];
  /** Named submit buttons; to press one, give its name and value when submitting. */
  buttons: [name: string, value: string][];
}

const buttonTypes = new Set(['submit', 'image', 'reset', 'button']);

/** All forms of a page; relative actions are resolved against the page's address. */
export function parseForms(html: string, pageUrl: string): HtmlForm[] {
  const elements = elementsOf(parse(html));
  const forms = elements.filter(({ tagName }) => tagName === 'form');
  return forms.map((form) => {
    const controls = elements.filter((element) => ownerOf(element, forms) === form);
    return {
      action: new URL(attribute(form, 'action') ?? '', pageUrl).href,
      method: attribute(form, 'method')?.toUpperCase() === 'POST' ? 'POST' : 'GET',
      id: attribute(form, 'id'),
      name: attribute(form, 'name'),
      ...readControls(controls),
    };
  });
}

/** The content of `<meta name="…">`, or undefined. */
export function metaContent(html: string, name: string): string | undefined {
  const found = elementsOf(parse(html)).find((one) => one.tagName === 'meta' && attribute(one, 'name') === name);
  return found && attribute(found, 'content');
}

/** Turns character references into characters. */
export function decodeEntities(text: string): string {
  return textOf(parseFragment(text.replaceAll('<', '&lt;')));
}

/** The form a control belongs to: the one it names (HTML §4.10.18.3), else the one around it. */
function ownerOf(control: Element, forms: readonly Element[]): Element | undefined {
  const named = attribute(control, 'form');
  if (named !== undefined) return forms.find((form) => attribute(form, 'id') === named);
  let node: Node | null = control;
  while (node && !(isElement(node) && node.tagName === 'form'))
    node = defaultTreeAdapter.getParentNode(node as Element);
  return node ?? undefined;
}

function readControls(controls: readonly Element[]): Pick<HtmlForm, 'fields' | 'buttons'> {
  const fields: HtmlForm['fields'] = [];
  const buttons: HtmlForm['buttons'] = [];
  for (const control of controls) {
    const name = attribute(control, 'name');
    if (!name || attribute(control, 'disabled') !== undefined) continue;
    const value = attribute(control, 'value') ?? '';
    const type = attribute(control, 'type')?.toLowerCase() ?? '';
    switch (control.tagName) {
      case 'input':
        if (buttonTypes.has(type)) buttons.push([name, value]);
        else if (type !== 'checkbox' && type !== 'radio') fields.push([name, value]);
        else if (attribute(control, 'checked') !== undefined) fields.push([name, attribute(control, 'value') ?? 'on']);
        break;
      case 'button':
        if (type !== 'button' && type !== 'reset') buttons.push([name, value]);
        break;
      case 'textarea':
        fields.push([name, textOf(control)]);
        break;
      case 'select':
        fields.push(...selectedOptions(control).map((option): [string, string] => [name, option]));
    }
  }
  return { fields, buttons };
}

/** Without a selected option a plain list sends its first one. */
function selectedOptions(select: Element): string[] {
  const options = elementsOf(select).filter(({ tagName }) => tagName === 'option');
  const selected = options.filter((option) => attribute(option, 'selected') !== undefined);
  const isMultiple = attribute(select, 'multiple') !== undefined;
  const sent = selected.length > 0 || isMultiple ? selected : options.slice(0, 1);
  return sent.map((option) => attribute(option, 'value') ?? textOf(option).trim());
}

/** In document order; the content of a template is none of the document's. */
function elementsOf(root: Node): Element[] {
  return childrenOf(root)
    .filter(isElement)
    .flatMap((element) => [element, ...elementsOf(element)]);
}

function textOf(node: Node): string {
  return childrenOf(node)
    .map((child) => (defaultTreeAdapter.isTextNode(child) ? child.value : textOf(child)))
    .join('');
}

function childrenOf(node: Node): DefaultTreeAdapterTypes.ChildNode[] {
  return 'childNodes' in node ? node.childNodes : [];
}

function isElement(node: Node): node is Element {
  return defaultTreeAdapter.isElementNode(node);
}

function attribute({ attrs }: Element, name: string): string | undefined {
  return attrs.find((one) => one.name === name)?.value;
}
