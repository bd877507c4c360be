import { crc32 as zlib } from "node:zlib";
import { expect, it } from "vitest";
import { crc32 } from "../../src/io/crc32.js";

it("is zlib's, at whatever length and place", () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * i * 31 + 7) % 256);
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  for (let end = 0; end < 300; end++)
    expect(crc32(bytes.subarray(end % 7, end)), `${end}`).toBe(zlib(bytes.subarray(end % 7, end)));
});
