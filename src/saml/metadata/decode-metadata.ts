// From the octets of a metadata document to its text. What the XML declaration says about the encoding is checked here:
// the reader knows UTF-8 only.
import { isAscii } from 'node:buffer';
import { decodeText } from '../../text-encoding.ts';

const declared = /^(<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*["'])([A-Za-z][\w.-]*)/;
/** Names of encodings whose first 128 characters are those of ASCII. */
const asciiSuperset = /^(?:utf-?8|(?:us-)?ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d)$/i;

/** @throws Error that says which encoding it is, and what to do */
export function decodeMetadata(bytes: Buffer): string {
  const encoding = declared.exec(bytes.subarray(0, 200).toString('latin1'))?.[2];
  let text: string;
  try {
    text = decodeText(bytes);
  } catch (error) {
    if (encoding === undefined || /^utf-?8$/i.test(encoding)) throw error;
    throw new Error(`is in ${encoding}: save it as UTF-8`, { cause: error });
  }
  const isDecoded = bytes[0] === 0xff || bytes[0] === 0xfe || encoding === undefined || /^utf-?8$/i.test(encoding);
  const isPlain = isAscii(bytes) && asciiSuperset.test(encoding ?? '');
  if (!isDecoded && !isPlain) throw new Error(`declares the encoding ${encoding}: save it as UTF-8`);
  return text.replace(declared, '$1UTF-8');
}
