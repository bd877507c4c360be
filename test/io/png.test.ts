// PNG files: every kind of samples, and what is damaged.
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { decodePNG, encodePNG } from "../../src/io/png.js";

interface Kind {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 0 gray, 2 colors, 3 palette, 4 gray and alpha, 6 colors and alpha. */
  readonly type: number;
  readonly interlaced?: boolean;
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crcOf(body));
  return Buffer.concat([length, body, check]);
}

/** Node 20 has no `crc32` before 20.15. */
function crcOf(bytes: Uint8Array): number {
  if (typeof crc32 === "function") return crc32(bytes);
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A file of rows of bytes as they stand in it, each without a filter. */
function fileOf(kind: Kind, rows: readonly (readonly number[])[], more: Buffer[] = []): Uint8Array {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(kind.width, 0);
  head.writeUInt32BE(kind.height, 4);
  head.set([kind.depth, kind.type, 0, 0, Number(kind.interlaced ?? false)], 8);
  const data = deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row])));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", head),
    ...more,
    chunk("IDAT", data),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

describe("samples", () => {
  const size = { width: 2, height: 2 };
  const palette = chunk("PLTE", Buffer.from([10, 20, 30, 40, 50, 60, 70, 80, 90]));
  it.each([
    ["1 bit", fileOf({ ...size, depth: 1, type: 0 }, [[0x40], [0x80]]), [0, 255, 255, 0]],
    ["2 bits", fileOf({ ...size, depth: 2, type: 0 }, [[0x10], [0xb0]]), [0, 85, 170, 255]],
    ["4 bits", fileOf({ ...size, depth: 4, type: 0 }, [[0x0f], [0x18]]), [0, 255, 17, 136]],
    [
      "16 bits",
      fileOf({ ...size, depth: 16, type: 0 }, [
        [0, 0, 0xff, 0xff],
        [0x80, 0, 1, 0],
      ]),
      [0, 255, 128, 1],
    ],
    [
      "gray, alpha",
      fileOf({ width: 1, height: 2, depth: 8, type: 4 }, [
        [7, 8],
        [9, 10],
      ]),
      [7, 8, 9, 10],
    ],
    [
      "a palette of 2 bits",
      fileOf({ ...size, depth: 2, type: 3 }, [[0x10], [0x80]], [palette]),
      [10, 20, 30, 40, 50, 60, 70, 80, 90, 10, 20, 30],
    ],
    [
      "a palette with alpha",
      fileOf(
        { width: 2, height: 1, depth: 8, type: 3 },
        [[0, 1]],
        [palette, chunk("tRNS", Buffer.from([5]))],
      ),
      [10, 20, 30, 5, 40, 50, 60, 255],
    ],
    [
      "colors with a palette for screens that show few",
      fileOf({ width: 1, height: 1, depth: 8, type: 2 }, [[9, 8, 7]], [palette]),
      [9, 8, 7],
    ],
    [
      "one transparent shade",
      fileOf(
        { width: 2, height: 1, depth: 8, type: 0 },
        [[3, 4]],
        [chunk("tRNS", Buffer.from([0, 4]))],
      ),
      [3, 255, 4, 0],
    ],
    [
      "interlaced",
      fileOf({ width: 1, height: 1, depth: 8, type: 2, interlaced: true }, [[1, 2, 3]]),
      [1, 2, 3],
    ],
  ])("%s", (_, file, values) => {
    expect([...decodePNG(file).data]).toEqual(values);
  });
});

test("what is written is read again, whatever the channels", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 255 })),
      (width, height, channels, values) => {
        const data = Uint8Array.from([...values.take(width * height * channels)]);
        const found = decodePNG(encodePNG({ data, shape: [height, width, channels] }));
        expect(found).toEqual({ data, width, height });
      },
    ),
    { numRuns: 50 },
  );
});

describe("what is no file of a picture", () => {
  const file = encodePNG({ data: new Uint8Array(60).map((_, i) => 4 * i), width: 5, height: 4 });
  const read = (bytes: Uint8Array) => () => decodePNG(bytes, { name: "a.png" });

  it("is named", () => {
    expect(read(new Uint8Array())).toThrow(/an empty one \(a\.png\)/);
    expect(read(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).toThrow(/a JPEG file/);
    expect(read(Buffer.from("<svg/>"))).toThrow(/SVG/);
    expect(read(file.subarray(0, 20))).toThrow(/its first 20 bytes/);
    expect(read(file.subarray(0, -20))).toThrow(/damaged or ends early/);
    const head = { width: 2, height: 1, depth: 4, type: 0, interlaced: true };
    expect(read(fileOf(head, [[0]]))).toThrow(/interlaced picture of 8 or 16 bits/);
    expect(read(fileOf({ ...head, width: 1 << 20, height: 1 << 20 }, [[0]]))).toThrow(/1048576 ×/);
    const plain = { width: 1, height: 1, depth: 8 };
    expect(read(fileOf({ ...plain, type: 3 }, [[0]]))).toThrow(/one without its palette/);
    expect(read(fileOf({ ...plain, depth: 4, type: 2 }, [[1, 2]]))).toThrow(/kind 2 of 4 bits/);
    const clear = chunk("tRNS", Buffer.from([0, 1, 0, 2, 0, 3]));
    expect(read(fileOf({ ...plain, type: 2 }, [[1, 2, 3]], [clear]))).toThrow(
      /at least 3 pixels where a color is transparent, got 1 × 1 \(a\.png\)/,
    );
    expect(() => encodePNG({ data: new Uint8Array(3), width: 2, height: 2 })).toThrow();
    expect(() => encodePNG({} as never)).toThrow(OptionError);
  });

  // More of them: FUZZ_RUNS=5000 npx vitest run test/io/png
  it("is refused by a FormatError or read, wherever a byte is another", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: file.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.integer({ min: 0, max: file.length }),
        (at, change, end) => {
          const damaged = Uint8Array.from(file);
          damaged[at]! ^= change;
          for (const bytes of [damaged, file.subarray(0, end)])
            try {
              decodePNG(bytes);
            } catch (error) {
              expect(error).toBeInstanceOf(FormatError);
            }
        },
      ),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 50) },
    );
  });
});

test("a small picture whose file holds far more is refused before it is unpacked", () => {
  const kind = { width: 1, height: 1, depth: 8, type: 0 };
  // 70,000 bytes may become 70 million.
  const file = fileOf(kind, [[7]], [chunk("IDAT", Buffer.alloc(70_000))]);
  expect(() => decodePNG(file)).toThrow(FormatError);
  expect(() => decodePNG(file)).toThrow("more data than a picture of 1 × 1 can have");
});
