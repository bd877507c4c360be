// The checksum of zip archives (ISO 3309), four bytes at once: table k is of a byte with k more behind it.

const TABLES = 4;

let tables: Int32Array | undefined;

function makeTables(): Int32Array {
  const all = new Int32Array(256 * TABLES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    all[byte] = crc;
  }
  for (let i = 256; i < all.length; i++) all[i] = all[all[i - 256]! & 255]! ^ (all[i - 256]! >>> 8);
  return all;
}

export function crc32(bytes: Uint8Array): number {
  const table = (tables ??= makeTables());
  const whole = bytes.length - (bytes.length % TABLES);
  let crc = -1;
  let i = 0;
  for (; i < whole; i += TABLES) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      table[768 + (crc & 255)]! ^
      table[512 + ((crc >>> 8) & 255)]! ^
      table[256 + ((crc >>> 16) & 255)]! ^
      table[crc >>> 24]!;
  }
  for (; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
