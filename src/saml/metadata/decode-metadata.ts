// From the octets of a metadata document to its text. What the XML declaration says about the encoding is checked here:
// the reader knows UTF-8 only.
import { isAscii } from 'node:buffer';
import { decodeText } from '../../text-encoding.ts';

const declared = /^(\s*<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*["'])([A-Za-z][\w.-]*)/;
/** Names of encodings whose first 128 characters are those of ASCII. */
const asciiSuperset = new RegExp(
  '^(?:utf-?8|(?:us-)?ascii|iso-?8859-\\d{1,2}|latin-?\\d|windows-\\d{3,4}|(?:cp|ms)\\d{3,4}|koi8-[ru]|mac(?:intosh|roman)' +
    '|euc-?(?:kr|jp|cn|tw)|ks_c_5601-1987|gb2312|gbk|gb18030|big5)$',
  'i',
);

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
  if (/^\s*(?:<!doctype html|<html)/i.test(text))
    throw new Error('is an HTML page, not metadata: is this its address?');
  // Before the declaration XML allows nothing; files that people copied together begin with an empty line.
  return text.replace(declared, '$1UTF-8').replace(/^[\ufeff\s]+(?=<\?xml)/, '');
}
