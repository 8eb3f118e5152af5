import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';

const { signAdHoc } = (await import(new URL('../../deploy/sign-macos.mjs', import.meta.url).href)) as {
  signAdHoc: (file: Buffer, identifier: string) => Buffer;
};

const textBytes = 0x4000;

interface Shape {
  readonly commands?: readonly Buffer[];
  /** Where the first section begins. */
  readonly contentAt?: number;
}

/** A Mach-O file with __TEXT, one section in it, and __LINKEDIT. */
function executable({ commands = [], contentAt = 0x400 }: Shape = {}): Buffer {
  const file = Buffer.alloc(textBytes + 0x1234, 0xab).fill(0, 0, contentAt);
  const section = Buffer.alloc(80);
  section.writeUInt32LE(contentAt, 48);
  const all = [
    segment('__TEXT', { offset: 0, size: textBytes }, [section]),
    segment('__LINKEDIT', { offset: textBytes, size: 0x1234 }),
    ...commands,
  ];
  Buffer.from([0xcf, 0xfa, 0xed, 0xfe]).copy(file);
  file.writeUInt32LE(all.length, 16);
  file.writeUInt32LE(Buffer.concat(all).length, 20);
  Buffer.concat(all).copy(file, 32);
  return file;
}

function segment(name: string, at: { offset: number; size: number }, sections: readonly Buffer[] = []): Buffer {
  const command = Buffer.alloc(72);
  command.writeUInt32LE(0x19, 0);
  command.writeUInt32LE(72 + sections.length * 80, 4);
  command.write(name, 8, 'latin1');
  command.writeBigUInt64LE(0x4000n, 32);
  command.writeBigUInt64LE(BigInt(at.offset), 40);
  command.writeBigUInt64LE(BigInt(at.size), 48);
  command.writeUInt32LE(sections.length, 64);
  return Buffer.concat([command, ...sections]);
}

describe('an executable for macOS', () => {
  test('is signed ad hoc: its command, its blob, and the hash of each page', () => {
    const file = executable();
    const signed = signAdHoc(file, 'rolegate');
    const before = 32 + file.readUInt32LE(20);
    const command = [0, 4, 8, 12].map((at) => signed.readUInt32LE(before + at));
    const [, , start, size] = command as [number, number, number, number];
    expect(command.slice(0, 2)).toEqual([0x1d, 16]);
    expect([signed.readUInt32LE(16), signed.readUInt32LE(20)]).toEqual([3, before - 32 + 16]);
    expect([start % 16, start + size]).toEqual([0, signed.length]);
    expect(start).toBeGreaterThanOrEqual(file.length);
    // __LINKEDIT is the second command, and reaches to the end of the file.
    const linkEdit = 32 + 72 + 80;
    expect(signed.readBigUInt64LE(linkEdit + 48)).toBe(BigInt(signed.length - textBytes));
    expect(signed.readBigUInt64LE(linkEdit + 32)).toBe(0x4000n);

    const blob = signed.subarray(start);
    expect([0, 4, 8, 12].map((at) => blob.readUInt32BE(at))).toEqual([0xfade0cc0, size, 1, 0]);
    const directory = blob.subarray(blob.readUInt32BE(16));
    expect(directory.readUInt32BE(0)).toBe(0xfade0c02);
    expect(directory.readUInt32BE(12)).toBe(2); // ad hoc
    expect(directory.readUInt32BE(32)).toBe(start);
    const [hashesAt, nameAt, pages] = [16, 20, 28].map((at) => directory.readUInt32BE(at)) as [number, number, number];
    expect(directory.toString('latin1', nameAt, nameAt + 9)).toBe('rolegate\0');
    expect(pages).toBe(Math.ceil(start / 4096));
    for (let page = 0; page < pages; page++) {
      const octets = signed.subarray(page * 4096, Math.min(page * 4096 + 4096, start));
      const hash = directory.subarray(hashesAt + page * 32, hashesAt + page * 32 + 32);
      expect(hash.equals(createHash('sha256').update(octets).digest())).toBe(true);
    }
    expect(signed.subarray(0x400, file.length).equals(file.subarray(0x400))).toBe(true);
  });

  const signature = Buffer.alloc(16);
  signature.writeUInt32LE(0x1d, 0);
  signature.writeUInt32LE(16, 4);
  const refused: [name: string, file: Buffer, problem: string][] = [
    ['that is signed', executable({ commands: [signature] }), 'signed already'],
    ['without room for a command', executable({ contentAt: 32 + 72 + 80 + 72 + 8 }), 'no room'],
    ['for another system', Buffer.from(`\x7fELF${'\0'.repeat(60)}`, 'latin1'), 'not a 64-bit Mach-O'],
  ];
  test.each(refused)('%s is refused', (_, file, problem) => {
    expect(() => signAdHoc(file, 'rolegate')).toThrow(problem);
  });
});
