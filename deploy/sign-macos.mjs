// Signs an executable for macOS ad hoc: with hashes of its pages and no certificate. arm64 Macs start no program without
// that, and the signature of Node does not fit a file that something was added to. The format: <mach-o/loader.h> and
// cs_blobs.h of XNU. Not a replacement for a Developer ID: Gatekeeper still asks about a file from a browser.
import { createHash } from 'node:crypto';

const MACHO_64 = 0xfeedfacf;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const HEADER_BYTES = 32;
const SIGNATURE_COMMAND_BYTES = 16;

const EMBEDDED_SIGNATURE = 0xfade0cc0;
const CODE_DIRECTORY = 0xfade0c02;
/** The first version with the limits of the executable segment. */
const VERSION = 0x20400;
const AD_HOC = 0x2;
const SHA256 = 2;
const MAIN_BINARY = 1;
const PAGE_BITS = 12;
const SUPERBLOB_BYTES = 20;
const DIRECTORY_BYTES = 88;

/**
 * @param file a 64-bit Mach-O executable without a signature, whose last segment is __LINKEDIT
 * @param identifier the name that the system shows for the program
 * @returns the signed file
 * @throws Error if it is another kind of file, is signed already, or has no room for one more command
 */
export function signAdHoc(file, identifier) {
  const { text, linkEdit, commandsEnd } = readCommands(file);
  const end = align(file.length, 16);
  const name = Buffer.from(`${identifier}\0`, 'latin1');
  const pages = Math.ceil(end / 2 ** PAGE_BITS);
  const hashesAt = DIRECTORY_BYTES + name.length;
  const size = SUPERBLOB_BYTES + hashesAt + pages * 32;
  const signed = Buffer.alloc(end + size);
  file.copy(signed);
  addCommand(signed, { commandsEnd, end, size });
  const linkEditBytes = BigInt(end + size) - file.readBigUInt64LE(linkEdit + 40);
  signed.writeBigUInt64LE(linkEditBytes, linkEdit + 48);
  signed.writeBigUInt64LE((linkEditBytes + 0x3fffn) & ~0x3fffn, linkEdit + 32);

  const blob = signed.subarray(end);
  writeNumbers(blob, 0, [EMBEDDED_SIGNATURE, size, 1, 0, SUPERBLOB_BYTES]);
  const directory = blob.subarray(SUPERBLOB_BYTES);
  const fixed = [CODE_DIRECTORY, directory.length, VERSION, AD_HOC, hashesAt, DIRECTORY_BYTES, 0, pages, end];
  writeNumbers(directory, 0, fixed);
  directory.set([32, SHA256, 0, PAGE_BITS], 36);
  directory.writeBigUInt64BE(file.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(file.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(BigInt(MAIN_BINARY), 80);
  name.copy(directory, DIRECTORY_BYTES);
  for (let page = 0; page < pages; page++) {
    const octets = signed.subarray(page << PAGE_BITS, Math.min((page + 1) << PAGE_BITS, end));
    createHash('sha256')
      .update(octets)
      .digest()
      .copy(directory, hashesAt + page * 32);
  }
  return signed;
}

/** Where the commands of the segments begin, and where all commands end. */
function readCommands(file) {
  if (file.readUInt32LE(0) !== MACHO_64) throw new Error('the file is not a 64-bit Mach-O executable');
  const segments = {};
  let [at, firstContent] = [HEADER_BYTES, file.length];
  for (let count = file.readUInt32LE(16); count > 0; count--) {
    const command = file.readUInt32LE(at);
    if (command === LC_CODE_SIGNATURE) throw new Error('the executable is signed already');
    if (command === LC_SEGMENT_64) {
      segments[file.toString('latin1', at + 8, at + 24).replaceAll('\0', '')] = at;
      for (let section = 0; section < file.readUInt32LE(at + 64); section++) {
        const offset = file.readUInt32LE(at + 72 + section * 80 + 48);
        if (offset > 0) firstContent = Math.min(firstContent, offset);
      }
    }
    at += file.readUInt32LE(at + 4);
  }
  const { __TEXT: text, __LINKEDIT: linkEdit } = segments;
  if (text === undefined || linkEdit === undefined) throw new Error('the executable has no __TEXT or no __LINKEDIT');
  if (at + SIGNATURE_COMMAND_BYTES > firstContent)
    throw new Error('the executable has no room for a signature command');
  return { text, linkEdit, commandsEnd: at };
}

function addCommand(file, { commandsEnd, end, size }) {
  file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
  file.writeUInt32LE(file.readUInt32LE(20) + SIGNATURE_COMMAND_BYTES, 20);
  for (const [index, value] of [LC_CODE_SIGNATURE, SIGNATURE_COMMAND_BYTES, end, size].entries()) {
    file.writeUInt32LE(value, commandsEnd + index * 4);
  }
}

function writeNumbers(blob, at, values) {
  for (const [index, value] of values.entries()) blob.writeUInt32BE(value, at + index * 4);
}

function align(value, to) {
  return Math.ceil(value / to) * to;
}
