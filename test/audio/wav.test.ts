// WAV files made byte by byte, and what is left of them when bytes change.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readWav, writeWav } from "../../src/audio/index.js";
import { FormatError, NumericError, OptionError, ShapeError } from "../../src/core/errors.js";

type Chunk = readonly [id: string, body: readonly number[]];

const text = (value: string) => [...value].map((character) => character.charCodeAt(0));
const word = (value: number) => [value & 255, (value >> 8) & 255];
const long = (value: number) => [...word(value), ...word(value >>> 16)];
const chunk = ([id, body]: Chunk, pads = true) => [
  ...text(id),
  ...long(body.length),
  ...body,
  ...(pads && body.length % 2 === 1 ? [0] : []),
];

function riff(chunks: readonly Chunk[], pads = true): Uint8Array {
  const body = [...text("WAVE"), ...chunks.flatMap((each) => chunk(each, pads))];
  return Uint8Array.from([...text("RIFF"), ...long(body.length), ...body]);
}

const fmt = (
  code: number,
  channels: number,
  bits: number,
  block = (channels * bits) / 8,
): Chunk => [
  "fmt ",
  [
    ...word(code),
    ...word(channels),
    ...long(16000),
    ...long(16000 * block),
    ...word(block),
    ...word(bits),
  ],
];
const extensible = (code: number, bits: number, block: number): Chunk => [
  "fmt ",
  [
    ...fmt(0xfffe, 1, bits, block)[1],
    ...word(22),
    ...word(bits),
    ...long(4),
    ...word(code),
    ...[0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71],
  ],
];
const bytesOf = (...values: (Float32Array | Float64Array)[]) =>
  values.flatMap((each) => [...new Uint8Array(each.buffer)]);

describe("readWav", () => {
  it.each<[string, Chunk, number[], number[]]>([
    ["8 bits, without a sign", fmt(1, 1, 8), [0, 128, 192, 255], [-1, 0, 0.5, 127 / 128]],
    ["16 bits", fmt(1, 1, 16), [0, 0x80, 0xff, 0x7f, 0, 0x40], [-1, 32767 / 32768, 0.5]],
    ["24 bits", fmt(1, 1, 24), [0, 0, 0x80, 0, 0, 0x20], [-1, 0.25]],
    ["32 bits", fmt(1, 1, 32), [0, 0, 0, 0x80, 0, 0, 0, 0x60], [-1, 0.75]],
    ["float", fmt(3, 1, 32), bytesOf(Float32Array.of(0.1, -1.5)), [Math.fround(0.1), -1.5]],
    ["double", fmt(3, 1, 64), bytesOf(Float64Array.of(0.1)), [Math.fround(0.1)]],
    ["A-law", fmt(6, 1, 8), [0xd5, 0x55], [8 / 32768, -8 / 32768]],
    ["µ-law", fmt(7, 1, 8), [0xff, 0x00], [0, -32124 / 32768]],
    ["20 bits in 24", fmt(1, 1, 20, 3), [0, 0, 0x40], [0.5]],
    ["12 bits in 16", fmt(1, 1, 12, 2), [0, 0x40], [0.5]],
    ["an extensible header", extensible(1, 24, 3), [0, 0, 0x40], [0.5]],
    ["extensible float", extensible(3, 32, 4), bytesOf(Float32Array.of(2)), [2]],
    ["a size of the block that nobody wrote", fmt(1, 1, 16, 0), [0, 0x40], [0.5]],
  ])("%s", (_, format, data, expected) => {
    const { channels, sampleRate } = readWav(riff([format, ["data", data]]));
    expect(sampleRate).toBe(16000);
    expect(channels.map((samples) => [...samples])).toEqual([expected]);
  });

  it("parts channels", () => {
    const data = [1, 2, 3, 4, 5, 6].flatMap((x) => word(x << 8));
    const { channels } = readWav(riff([fmt(1, 3, 16), ["data", data]]));
    expect(channels.map((samples) => [...samples].map((x) => x * 128))).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  it.each([true, false])("passes over other chunks, of odd length too (filled up: %s)", (pads) => {
    const list: Chunk = ["LIST", [1, 2, 3]];
    const bytes = riff(
      [["JUNK", [9]], fmt(1, 1, 16), list, ["data", [0, 0x40]], ["id3 ", [7]]],
      pads,
    );
    expect([...readWav(bytes).channels[0]!]).toEqual([0.5]);
    // A view into more bytes, and the buffer itself.
    const more = new Uint8Array(bytes.length + 3);
    more.set(bytes, 3);
    expect([...readWav(more.subarray(3)).channels[0]!]).toEqual([0.5]);
    expect([...readWav(bytes.buffer as ArrayBuffer).channels[0]!]).toEqual([0.5]);
  });

  it("reads to the end where the length was not known, and an empty file", () => {
    const bytes = riff([fmt(1, 1, 16), ["data", [0, 0x40, 1]]]);
    bytes.set(long(-1), 40);
    expect([...readWav(bytes).channels[0]!]).toHaveLength(2);
    expect(
      readWav(riff([fmt(1, 2, 16), ["data", []]])).channels.map(({ length }) => length),
    ).toEqual([0, 0]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      "no bytes",
      new Uint8Array(0),
      'a WAV file, which begins with "RIFF", got 0 bytes in all at byte 0',
    ],
    ["another file", Uint8Array.from(text("ID3 and what follows")), '"ID3 " at byte 0'],
    [
      "RIFF of another kind",
      Uint8Array.from([...text("RIFF"), ...long(4), ...text("AVI ")]),
      '"AVI " at byte 8',
    ],
    [
      "a large file's form",
      Uint8Array.from([...text("RF64"), ...long(-1), ...text("WAVE")]),
      "ffmpeg",
    ],
    ["no format", riff([["data", [1, 2]]]), 'a chunk "fmt "'],
    ["no samples", riff([fmt(1, 1, 16)]), 'a chunk "data"'],
    [
      "a short format",
      riff([
        ["fmt ", [1, 0, 1, 0]],
        ["data", []],
      ]),
      "16 bytes of the format, got 4 at byte 20",
    ],
    ["ADPCM", riff([fmt(2, 1, 4, 1), ["data", []]]), "got 2 at byte 20"],
    [
      "another GUID",
      riff([
        ["fmt ", extensible(1, 16, 2)[1].with(30, 7)],
        ["data", []],
      ]),
      "another GUID at byte 46",
    ],
    ["no channels", riff([fmt(1, 0, 16), ["data", []]]), "at least one channel, got 0 at byte 22"],
    [
      "no rate",
      riff([
        ["fmt ", fmt(1, 1, 16)[1].with(4, 0).with(5, 0)],
        ["data", []],
      ]),
      "a sample rate above 0",
    ],
    ["64 bits of PCM", riff([fmt(1, 1, 64), ["data", []]]), "8, 16, 24, 32 bits"],
    ["16 bits of float", riff([fmt(3, 1, 16), ["data", []]]), "32, 64 bits"],
    [
      "half a frame",
      riff([fmt(1, 2, 16), ["data", [1, 2]]]),
      "whole frames of 4 bytes, got a length of 2 bytes at byte 40",
    ],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => readWav(bytes, { name: "a.wav" })).toThrow(FormatError);
    expect(() => readWav(bytes, { name: "a.wav" })).toThrow(message);
    expect(() => readWav(bytes, { name: "a.wav" })).toThrow("of a.wav");
  });

  it("refuses a file that ends early, or takes what is there", () => {
    const bytes = riff([fmt(1, 1, 16), ["data", [0, 0x40, 0, 0x40, 0, 0x40]]]).subarray(0, 47);
    expect(() => readWav(bytes)).toThrow(
      "readWav: expected 6 bytes of samples, got the end after 3 at byte 47 of the file. { lenient: true }",
    );
    expect([...readWav(bytes, { lenient: true }).channels[0]!]).toEqual([0.5]);
    const ragged = riff([fmt(1, 2, 16), ["data", [0, 0x40, 0, 0x20, 1]]]);
    expect(readWav(ragged, { lenient: true }).channels.map((each) => [...each])).toEqual([
      [0.5],
      [0.25],
    ]);
  });
});

describe("writeWav", () => {
  const channels = [
    Float32Array.of(0, 0.5, -1, 0.25, 0.125),
    Float32Array.of(-0.5, 1, -0.25, 0, 0.75),
  ];

  it.each([
    [{}, 2 ** -15],
    [{ bitDepth: 8 }, 2 ** -7],
    [{ bitDepth: 24 }, 2 ** -23],
    [{ bitDepth: 32 }, 2 ** -31],
    [{ float: true }, 0],
    [{ float: true, bitDepth: 64 }, 0],
  ] as const)("%j is read as it was", (options, step) => {
    for (const given of [channels, channels.slice(0, 1), [...channels, ...channels.slice(0, 1)]]) {
      const bytes = writeWav({ sampleRate: 44100, channels: given }, options);
      expect(bytes.length % 2).toBe(0);
      const back = readWav(bytes);
      expect(new DataView(bytes.buffer).getUint32(4, true)).toBe(bytes.length - 8);
      expect(back.sampleRate).toBe(44100);
      // 1 itself is beyond the largest whole number.
      expect(back.channels.map((each) => [...each])).toEqual(
        given.map((each) => [...each].map((x) => (x === 1 ? Math.fround(1 - step) : x))),
      );
    }
  });

  it("cuts what is beyond −1…1, but not float", () => {
    const loud = { sampleRate: 8000, channels: [Float32Array.of(3, -3)] };
    expect([...readWav(writeWav(loud)).channels[0]!]).toEqual([32767 / 32768, -1]);
    expect([...readWav(writeWav(loud, { float: true })).channels[0]!]).toEqual([3, -3]);
  });

  it("refuses what no file can say", () => {
    const one = (samples: Float32Array) => [samples];
    const sound = { sampleRate: 8000, channels: one(Float32Array.of(0, NaN)) };
    expect(() => writeWav(sound)).toThrow(NumericError);
    expect(() => writeWav(sound)).toThrow("NaN at 1 of channel 0");
    expect(() =>
      writeWav({ sampleRate: 8000, channels: [new Float32Array(2), new Float32Array(3)] }),
    ).toThrow(ShapeError);
    for (const wrong of [
      () => writeWav({ sampleRate: 8000, channels: [] }),
      () => writeWav({ sampleRate: 0, channels }),
      () => writeWav({ sampleRate: 1, channels }, { bitDepth: 64 }),
      () => writeWav({ sampleRate: 1, channels }, { float: true, bitDepth: 24 }),
    ])
      expect(wrong).toThrow(OptionError);
  });
});

describe("files that were changed", () => {
  // More of them: FUZZ_RUNS=10000 npx vitest run test/audio/wav
  const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
  const files = [
    riff([fmt(1, 2, 16), ["LIST", [1, 2, 3]], ["data", Array.from({ length: 40 }, (_, i) => i)]]),
    riff([extensible(3, 32, 4), ["data", bytesOf(Float32Array.of(1, 2, 3, 4, 5))]]),
    riff([fmt(7, 1, 8), ["data", Array.from({ length: 21 }, (_, i) => 9 * i)]]),
    riff([
      fmt(1, 1, 24),
      ["fact", [1, 0, 0, 0]],
      ["data", Array.from({ length: 30 }, (_, i) => 7 * i)],
    ]),
  ];
  const mutated = fc
    .tuple(
      fc.constantFrom(...files),
      fc.array(fc.tuple(fc.nat(90), fc.oneof(fc.constantFrom(0, 1, 2, 3, 255, 254), fc.nat(255))), {
        maxLength: 6,
      }),
      fc.oneof(fc.constant(200), fc.nat(100)),
      fc.boolean(),
    )
    .map(([file, changes, end, lenient]) => {
      const bytes = file.slice(0, end);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return { bytes, lenient };
    });

  it("are read or refused by a FormatError, with no more samples than bytes", () => {
    const counts = { read: 0, refused: 0 };
    fc.assert(
      fc.property(mutated, ({ bytes, lenient }) => {
        try {
          const { channels } = readWav(bytes, { lenient });
          const samples = channels.reduce((sum, each) => sum + each.length, 0);
          expect(samples).toBeLessThanOrEqual(bytes.length);
          counts.read++;
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          counts.refused++;
        }
      }),
      { numRuns, seed: 18 },
    );
    expect(counts.read).toBeGreaterThan(numRuns / 10);
    expect(counts.refused).toBeGreaterThan(numRuns / 10);
  });
});
