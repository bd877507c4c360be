// Files that are no safetensors files, as people pass them.
import { describe, expect, it } from "vitest";
import { FormatError } from "../../src/core/errors.js";
import { loadSafetensors } from "../../src/io/safetensors.js";
import { LSTM } from "../../src/nn/lstm.js";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
/** The first bytes of a file that the program itself wrote, and zeros. */
const begins = (hex: string): Uint8Array => {
  const bytes = new Uint8Array(400);
  bytes.set(Buffer.from(hex, "hex"));
  return bytes;
};
const PAGE = "<!doctype html>\n<html><head><title>404</title></head><body></body></html>";
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d".repeat(32)}\nsize 12345\n`;

const FILES: readonly [what: string, bytes: Uint8Array, message: RegExp][] = [
  ["an HTML page", text(PAGE), /got an HTML or XML page\. Check the URL/],
  ["a page behind a byte order mark", text(`\ufeff\n${PAGE}`), /got an HTML/],
  ["a bucket's error", text('<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'), /HTML/],
  ["a Git LFS pointer", text(POINTER), /got a Git LFS pointer\. Run git lfs pull/],
  [
    "PyTorch's zip",
    begins(
      "504b030400000808000000000000000000000000000000000000100012006172636869" +
        "76652f646174612e706b6c46420e00",
    ),
    /got a file of torch\.save\. loadTorch\(\) of hiddenstate\/pytorch reads it/,
  ],
  [
    "PyTorch's pickle",
    begins("80028a0a6cfc9c46f9206aa850192e80024de9032e80027d71002858"),
    /got a Python pickle.*from 1\.6 on: torch\.save/,
  ],
  [
    "a zip of NumPy's",
    begins("504b0304140000000000000021002ee3f9bc980000009800000005001400612e6e7079"),
    /got NumPy's \.npz\. loadNpz\(\)/,
  ],
  [
    "NumPy's array",
    begins("934e554d5059010076007b276465736372273a20273c6638"),
    /NumPy's \.npy\. loadNpy\(\)/,
  ],
  [
    "HDF5",
    begins("894844460d0a1a0a000000000008080004001000"),
    /got an HDF5 file.*loadKeras\(\) of hiddenstate\/keras/,
  ],
  ["ONNX", begins("080712077079746f7263681a06312e31332e303ae2010a5c"), /got an ONNX model/],
  ["gzip", begins("1f8b0800000000000203abaead468300cc15af73"), /got a gzip file\. Unpack it/],
  ["weights as JSON", text('{"lstm": {"weight": [1, 2, 3]}}'), /got JSON\./],
  ["TensorFlow.js' model", text('{"format": "layers-model", "generatedBy": "x"}'), /loadKeras\(\)/],
  ["a list in JSON", text("[[1.5, 2], [3, 4]]"), /got JSON\./],
  ["CSV", text("text,label\nfine,good\nGrüße,bad\n"), /got a text\./],
  ["a text that begins with no letter of ASCII", text("的".repeat(99)), /got a text\./],
  ["an empty file", new Uint8Array(), /got an empty file\./],
  ["a stream's state", new LSTM(2, 3).stream().toBytes(), /stream\.fromBytes\(\)/],
];

describe("what is not a safetensors file is named, with the way from there", () => {
  it.each(FILES)("%s", (_, bytes, message) => {
    expect(() => loadSafetensors(bytes)).toThrow(FormatError);
    expect(() => loadSafetensors(bytes)).toThrow(/^readSafetensors: expected a safetensors file/);
    expect(() => loadSafetensors(bytes)).toThrow(message);
  });

  it("but not by chance: other bytes are told by the rule that they break", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 37 + 5) % 256);
    expect(() => loadSafetensors(bytes)).toThrow(/header of at most/);
  });
});
