/**
 * Writes ZIP archives that depend on nothing but their content: entries in
 * the given order, one fixed time, one mode. (APPNOTE 6.3.10, no ZIP64: at
 * most 65 535 entries and 4 GiB.)
 */
import { deflateRawSync } from "node:zlib";

/** A file in the archive; `path` has forward slashes. */
export interface ZipEntry {
  path: string;
  bytes: Uint8Array;
}

/** 1980-01-01 00:00, the earliest that ZIP can say. */
const DOS_DATE = 0x0021;
const DOS_TIME = 0;

/** Bit 11: names are UTF-8. */
const FLAGS = 0x0800;
const DEFLATE = 8;
/** Made on Unix, so that the mode below counts. */
const MADE_BY = (3 << 8) | 20;
const MODE = (0o100644 << 16) >>> 0;

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++)
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as ZIP uses it (Node 20 has none built in). */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes)
    crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** The archive's bytes; the same entries always give the same bytes. */
export function zip(entries: ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.path, "utf8");
    const packed = deflateRawSync(entry.bytes, { level: 9 });
    const fields = common(entry.bytes, packed, name);
    const local = Buffer.alloc(4);
    local.writeUInt32LE(0x04034b50);
    parts.push(local, fields, name, packed);
    directory.push(centralHeader(fields, offset), name);
    offset += local.length + fields.length + name.length + packed.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([
    ...parts,
    central,
    endRecord(entries.length, central.length, offset),
  ]);
}

/** The fields that the local and the central header share (26 bytes). */
function common(bytes: Uint8Array, packed: Buffer, name: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(FLAGS, 2);
  fields.writeUInt16LE(DEFLATE, 4);
  fields.writeUInt16LE(DOS_TIME, 6);
  fields.writeUInt16LE(DOS_DATE, 8);
  fields.writeUInt32LE(crc32(bytes), 10);
  fields.writeUInt32LE(packed.length, 14);
  fields.writeUInt32LE(bytes.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function centralHeader(fields: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(MADE_BY, 4);
  fields.copy(header, 6);
  header.writeUInt32LE(MODE, 38);
  header.writeUInt32LE(offset, 42);
  return header;
}

function endRecord(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}
