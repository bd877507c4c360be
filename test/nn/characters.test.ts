import { describe, expect, it } from "vitest";
import { IndexError, manualSeed, scope, ShapeError, tensor, type Tensor } from "../../src/index.js";
import { AttentionPooling, CharacterCNN, CharacterLSTM } from "../../src/nn/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";

const int = (values: number[][]) => tensor(values, { dtype: "int32" });

const encoders = {
  CharacterCNN: () => new CharacterCNN(9, { embeddingSize: 4, filters: 5, kernelSize: 3 }),
  CharacterLSTM: () => new CharacterLSTM(9, { embeddingSize: 4, hiddenSize: 3 }),
};

describe.each(Object.entries(encoders))("%s", (name, make) => {
  it("gives a word the same vector whatever stands beside and behind it", () =>
    scope(() => {
      manualSeed(3);
      const encoder = make();
      const rows = encoder.forward(
        int([
          [1, 2, 3, 8, 8],
          [4, 5, 6, 7, 1],
          [2, 8, 8, 8, 8],
        ]),
        {
          lengths: [3, 5, 1],
        },
      );
      const alone = [[1, 2, 3], [4, 5, 6, 7, 1], [2]].flatMap((word) => [
        ...encoder.forward(int([word])).data(),
      ]);
      expect(rows.shape).toEqual([3, encoder.outputSize]);
      expect([...rows.data()]).toEqual(alone);
      expect(new Set(alone).size).toBeGreaterThan(10);
      encoder.dispose();
    }));

  it("learns from every character, and from none behind a word", () =>
    scope(() => {
      manualSeed(3);
      const encoder = make();
      const output = encoder.forward(
        int([
          [1, 2, 3, 8],
          [4, 5, 6, 7],
        ]),
        { lengths: [3, 4] },
      );
      const weights = tensor(testRandom(2).uniforms(output.size), { shape: output.shape });
      output.mul(weights).sum().backward();
      expect(encoder.parameters().every(({ grad }) => grad)).toBe(true);
      const rows = encoder.embedding.weight.grad!.toArray() as number[][];
      expect(rows[8]).toEqual([0, 0, 0, 0]);
      expect(rows[0]).toEqual([0, 0, 0, 0]);
      if (name === "CharacterLSTM")
        for (let id = 1; id < 8; id++)
          expect(rows[id]!.some((gradient) => gradient !== 0)).toBe(true);
      encoder.dispose();
    }));

  it("gives zeros for a word of no characters, and refuses what does not fit", () =>
    scope(() => {
      const encoder = make();
      const empty = encoder.forward(
        int([
          [3, 2],
          [1, 1],
        ]),
        { lengths: [2, 0] },
      );
      expect([...empty.data().subarray(encoder.outputSize)]).toEqual(
        Array(encoder.outputSize).fill(0),
      );
      expect(() => encoder.forward(tensor([1, 2], { dtype: "int32" }))).toThrow(ShapeError);
      expect(() => encoder.forward(int([[9]]))).toThrow(IndexError);
      expect(() => encoder.forward(int([[1]]), { lengths: [2] })).toThrow(IndexError);
      encoder.dispose();
    }));
});

describe("CharacterCNN", () => {
  it("is the largest response over windows that end with the word", () =>
    scope(() => {
      manualSeed(4);
      const encoder = encoders.CharacterCNN();
      const word = [5, 1, 7];
      const vectors = encoder.embedding.weight.toArray() as number[][];
      const weight = encoder.conv.weight.toArray() as number[][][];
      const bias = encoder.conv.bias!.toArray() as number[];
      const responses = (t: number, f: number) =>
        [-1, 0, 1].reduce(
          (total, k) =>
            (vectors[word[t + k] ?? -1] ?? []).reduce(
              (sum, x, c) => sum + x * weight[f]![c]![k + 1]!,
              total,
            ),
          bias[f]!,
        );
      const expected = bias.map((_, f) => Math.max(...word.map((_, t) => responses(t, f))));
      const tolerance = { absolute: 1e-5, relative: 1e-5 };
      expectClose(encoder.forward(int([word])).data(), expected, tolerance, "word");
      encoder.dispose();
    }));
});

describe("AttentionPooling", () => {
  it("is the mean by softmax(context · tanh(W x + b)), of the steps that count", () =>
    scope(() => {
      manualSeed(5);
      const pooling = new AttentionPooling(3, { hiddenSize: 4 });
      const values = testRandom(1).uniforms(24, -2, 2);
      values.fill(NaN, 6, 12);
      const x: Tensor = tensor(values, { shape: [2, 4, 3], requiresGrad: true });
      const { output, weights } = pooling.forward(x, { lengths: [2, 4], needWeights: true });
      const [w, b] = [pooling.projection.weight.toArray(), pooling.projection.bias!.toArray()];
      const [v] = pooling.context.weight.toArray() as number[][];
      const steps = Array.from({ length: 8 }, (_, i) => [...values.subarray(i * 3, i * 3 + 3)]);
      const score = (step: number[]) =>
        (w as number[][]).reduce(
          (sum, row, i) =>
            sum +
            v![i]! * Math.tanh(row.reduce((a, r, j) => a + r * step[j]!, (b as number[])[i]!)),
          0,
        );
      const expected = [steps.slice(0, 2), steps.slice(4)].flatMap((counting) => {
        const shares = counting.map((step) => Math.exp(score(step)));
        const total = shares.reduce((a, c) => a + c);
        return [0, 1, 2].map((j) =>
          counting.reduce((sum, step, i) => sum + (shares[i]! / total) * step[j]!, 0),
        );
      });
      expectClose(output.data(), expected, { absolute: 1e-5, relative: 1e-5 }, "output");
      expect(weights.shape).toEqual([2, 4]);
      expect([...weights.data().subarray(2, 4)]).toEqual([0, 0]);
      output.sum().backward();
      expect([...x.grad!.data().subarray(6, 12)]).toEqual(Array(6).fill(0));
      expect(() => pooling.forward(x, { lengths: [5, 1] })).toThrow(IndexError);
      expect(() => pooling.forward(tensor([[1, 2, 3]]))).toThrow(ShapeError);
      pooling.dispose();
    }));
});
