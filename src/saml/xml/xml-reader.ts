// Reads XML into a small namespace-aware tree, in one strict pass. Refuses whatever two parsers could read differently:
// DOCTYPE, processing instructions, comments, CDATA, other encodings, relative namespaces. It is a parser of our own
// because reading is most of what a verification costs; tests hold it against saxes, xmldom and libxml2.
import { samlRefusal } from '../../errors.ts';
import { checkCharacters, malformed, type QName, resolveReferences } from './xml-characters.ts';
import { createScope, enterScope, leaveScope, namespaceOf } from './xml-scope.ts';
import {
  type Cursor,
  countAttributes,
  countReplaced,
  match,
  nameOf,
  readAttributes,
  type XmlLimits,
} from './xml-start-tag.ts';
import type { StartTag, XmlElement } from './xml-tree.ts';

/** Room for as many groups as fit into 256 KB. */
export const messageLimits: XmlLimits = {
  maxDepth: 32,
  maxElements: 10_000,
  maxChildren: 4096,
  maxAttributes: 32,
  maxNames: 512,
  maxAttributesInAll: 4096,
  maxTags: 2048,
  maxReplaced: 8192,
  isLenient: false,
};
export const metadataLimits: XmlLimits = {
  maxDepth: 64,
  maxElements: 200_000,
  maxChildren: 200_000,
  maxAttributes: 64,
  maxNames: 4096,
  maxAttributesInAll: 400_000,
  maxTags: 200_000,
  maxReplaced: Number.POSITIVE_INFINITY,
  isLenient: true,
};

/** An element under construction. */
interface Building extends XmlElement {
  children: XmlElement[];
  text: string;
  isPlain: boolean;
  content: (XmlElement | string)[];
  readonly parent: Building | undefined;
}

interface Reader extends Cursor {
  /** The start tag that was read last, and its element. */
  lastTag: string;
  lastElement: Building | undefined;
  /** What start tags mean, by their text, as long as the namespaces in scope are the same. */
  readonly knownTags: Map<string, Building>;
  tags: number;
}

const declaration =
  /^<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.0"|'1\.0')(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"utf-8"|'utf-8'))?(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>/i;
// The text where a name is expected; splitName says whether it is one.
const tagName = /<([^ \t\n/>]*)/y;
const endOfStartTag = /[ \t\n]*(\/?)>/y;
const endTag = /<\/([^ \t\n/>]*)[ \t\n]*>/y;
const whiteSpace = /[ \t\n]*/y;
const instructionTarget = /<\?(?!xml[ \t\n?])[a-z_][\w.-]*(?=[ \t\n?])/iy;

// Elements without children share these; nothing is ever added to them.
const noElements: XmlElement[] = [];
const noContent: (XmlElement | string)[] = [];
/** @throws BrokerError saml_refused `malformed` or `too_large` */
export function readXml(xml: string, limits: XmlLimits): XmlElement {
  const withoutMark = xml.charCodeAt(0) === 0xfeff ? xml.slice(1) : xml;
  const count = { limits, replaced: 0 };
  countReplaced(count, xml, '&');
  countReplaced(count, xml, '\r');
  // XML 1.0 §2.11.
  const text = withoutMark.includes('\r') ? withoutMark.split('\r\n').join('\n').split('\r').join('\n') : withoutMark;
  checkCharacters(text, limits.isLenient);
  const reader: Reader = {
    ...{ ...count, text, scope: createScope(), names: new Map<string, QName>(), at: 0, attributes: 0 },
    ...{ lastTag: '', lastElement: undefined, knownTags: new Map<string, Building>(), tags: 0 },
  };
  if (/^<\?xml[ \t\n]/.test(text)) {
    reader.at = declaration.exec(text)?.[0].length ?? malformed('XML declaration other than version 1.0 in UTF-8');
  }
  skipOutsideRoot(reader);
  const root = readRoot(reader);
  skipOutsideRoot(reader);
  if (reader.at < text.length) malformed('content after the root element');
  return root;
}

function readRoot(reader: Reader): XmlElement {
  const { text, limits } = reader;
  let depth = 0;
  let elements = 0;
  let open: Building | undefined;
  for (;;) {
    if (text[reader.at] !== '<') readText(reader, open ?? malformed('no root element'));
    const next = text[reader.at + 1];
    if (next === '/' && open) {
      readEndTag(reader, open);
      depth--;
      if (!open.parent) return open;
      open = open.parent;
    } else if (next === '!' || next === '?') {
      skipLeniently(reader);
    } else {
      if (depth >= limits.maxDepth) throw samlRefusal('too_large', 'elements nested too deeply');
      if (++elements > limits.maxElements) throw samlRefusal('too_large', 'too many elements');
      if (open && open.children === noElements) enter(reader, open);
      const element = readStartTag(reader, open);
      if (open) addChild(open, element, limits);
      if (text[reader.at - 2] !== '/') {
        depth++;
        open = element;
      } else if (!open) return element;
    }
  }
}

/** Only for an element with children are its namespaces in scope: nothing else reads them. */
function enter({ scope, knownTags }: Reader, { declarations }: Building): void {
  if (declarations.length === 0) return;
  for (const declared of declarations) enterScope(scope, declared);
  knownTags.clear();
}

function leave({ scope, knownTags }: Reader, { declarations, children }: XmlElement): void {
  if (declarations.length === 0 || children.length === 0) return;
  leaveScope(scope, declarations);
  knownTags.clear();
}

function addChild(parent: Building, element: Building, { maxChildren }: XmlLimits): void {
  const { children, content, text } = parent;
  if (children === noElements) {
    parent.children = [element];
    // The same list until there is text between the elements.
    parent.content = text === '' ? parent.children : [text, element];
  } else {
    if (children.length >= maxChildren) throw samlRefusal('too_large', 'too many siblings');
    children.push(element);
    if (content !== children) content.push(element);
  }
}

/** From behind one tag to the next `<`. */
function readText(reader: Reader, parent: Building): void {
  const { text, at, limits } = reader;
  const end = text.indexOf('<', at);
  if (end < 0) malformed('an element is not closed');
  const raw = text.slice(at, end);
  let data = raw;
  if (raw.includes('&')) {
    data = resolveReferences(raw, limits.isLenient);
    parent.isPlain = false;
  }
  if (raw.includes('>')) {
    countReplaced(reader, raw, '>');
    if (raw.includes(']]>')) malformed(']]> in text');
    parent.isPlain = false;
  }
  parent.text = parent.text === '' ? data : parent.text + data;
  if (parent.content === parent.children) parent.content = [...parent.children];
  if (parent.children !== noElements) parent.content.push(data);
  reader.at = end;
}

function readStartTag(reader: Reader, parent: Building | undefined): Building {
  const { text, at, lastElement, knownTags } = reader;
  // The same tag again below the same parent, as values of an Attribute are: it means the same.
  if (lastElement && lastElement.parent === parent && text.startsWith(reader.lastTag, at)) {
    reader.at = at + reader.lastTag.length;
    return newElement(lastElement.namespace, lastElement.qname, lastElement, parent);
  }
  // Only part of the tag where a value holds `>`: no tag is known by that.
  const tag = text.slice(at, text.indexOf('>', at) + 1);
  const known = knownTags.get(tag);
  if (known) {
    countAttributes(reader, known.attributes.length + known.declarations.length);
    reader.at = at + tag.length;
    reader.lastTag = tag;
    reader.lastElement = newElement(known.namespace, known.qname, known, parent);
  } else {
    reader.lastElement = readWholeTag(reader, parent);
    reader.lastTag = text.slice(at, reader.at);
    knownTags.set(reader.lastTag, reader.lastElement);
  }
  return reader.lastElement;
}

function readWholeTag(reader: Reader, parent: Building | undefined): Building {
  const { scope, limits } = reader;
  if (++reader.tags > limits.maxTags) throw samlRefusal('too_large', 'too many different tags');
  const qname = nameOf(reader, match(reader, tagName)?.[1] ?? '');
  if (qname.prefix === 'xml') malformed('an element of the xml namespace');
  const written = readAttributes(reader);
  if (!match(reader, endOfStartTag)) malformed('a start tag with something else than attributes');
  const namespace = namespaceOf(scope, qname.prefix);
  leaveScope(scope, written.declarations);
  return newElement(namespace, qname, written, parent);
}

function newElement(
  namespace: string,
  qname: QName,
  { attributes, declarations }: StartTag,
  parent: Building | undefined,
): Building {
  const [children, text, isPlain, content] = [noElements, '', true, noContent];
  return { namespace, name: qname.local, qname, attributes, declarations, parent, children, text, isPlain, content };
}

function readEndTag(reader: Reader, element: XmlElement): void {
  const { qname } = element;
  if (reader.text.startsWith(qname.endTag, reader.at)) reader.at += qname.endTag.length;
  else {
    const found = match(reader, endTag)?.[1];
    if (found === undefined || `</${found}>` !== qname.endTag) malformed('an element is not closed');
    // xmldom looks for the text of the last end tag without: another one with it changes which elements it takes for empty.
    if (!reader.limits.isLenient) malformed('white space in an end tag');
  }
  leave(reader, element);
}

function skipOutsideRoot(reader: Reader): void {
  for (;;) {
    match(reader, whiteSpace);
    if (!/^<[!?]/.test(reader.text.slice(reader.at, reader.at + 2))) return;
    skipLeniently(reader);
  }
}

/** Passes over a comment or a processing instruction, where the document may have them. */
function skipLeniently(reader: Reader): void {
  const { text, at, limits } = reader;
  const isComment = text.startsWith('<!--', at);
  const isInstruction = text.startsWith('<?', at);
  if (!isComment && !isInstruction) malformed(text.startsWith('<![', at) ? 'CDATA section' : 'DOCTYPE');
  if (!limits.isLenient) malformed(isComment ? 'comment' : 'processing instruction');
  if (isInstruction && !match(reader, instructionTarget)) malformed('a processing instruction without a name');
  const end = isComment ? text.indexOf('--', at + 4) : text.indexOf('?>', reader.at);
  const isWhole = end >= 0 && (isInstruction || text[end + 2] === '>');
  if (!isWhole) malformed('a comment or processing instruction that is not closed');
  reader.at = end + (isComment ? 3 : 2);
}
