// A Neural Turing Machine over a sequence, and one over steps: by the paper's equations.
import { neuralTuringMachine } from "../../../src/ops/ntm/sequence.js";
import type { ControllerKind } from "../../../src/ops/ntm/machine.js";
import type { Tensor } from "../../../src/index.js";
import { float, type GradientCase, type Input } from "../check.js";
import { advanceLSTM, type Parts } from "../recurrent-twin.js";
import { at, build, sigmoid, type Twin } from "../twin.js";

interface Form {
  B: number;
  T: number;
  N: number;
  M: number;
  heads: readonly ("read" | "write")[];
  controller?: ControllerKind;
  layers?: number;
  shiftRange?: number;
  lengths?: number[];
  needWeights?: boolean;
}

const [I, H] = [2, 3];

const rowOf = (x: Twin, ...index: number[]): number[] =>
  Array.from({ length: x.shape.at(-1)! }, (_, j) => at(x, [...index, j]));

const softplus = (x: number): number => Math.log1p(Math.exp(x));

const softmax = (values: readonly number[]): number[] => {
  const exps = values.map(Math.exp);
  const total = exps.reduce((a, b) => a + b, 0);
  return exps.map((e) => e / total);
};

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Equations 5 to 9 of the paper. */
function lookTwin(memory: number[][], before: number[], p: number[], shiftRange: number): number[] {
  const [M, N] = [memory[0]!.length, memory.length];
  const key = p.slice(0, M);
  const [strength, gate] = [softplus(p[M]!), sigmoid(p[M + 1]!)];
  const shift = softmax(p.slice(M + 2, M + 3 + 2 * shiftRange));
  const sharpness = 1 + softplus(p[M + 3 + 2 * shiftRange]!);
  const norm = (x: number[]): number => Math.sqrt(dot(x, x));
  const content = softmax(memory.map((row) => (strength * dot(row, key)) / norm(row) / norm(key)));
  const mixed = content.map((w, i) => gate * w + (1 - gate) * before[i]!);
  const sharp = mixed.map((_, i) => {
    const moved = shift.reduce((sum, s, j) => sum + s * mixed[(i + j - shiftRange + N) % N]!, 0);
    return moved ** sharpness;
  });
  const total = sharp.reduce((a, b) => a + b, 0);
  return sharp.map((w) => w / total);
}

function machineCase(form: Form): GradientCase {
  const { B, T, N, M, heads, controller = "lstm", layers = 1, shiftRange = 1 } = form;
  const { lengths, needWeights = false } = form;
  const readers = heads.filter((head) => head === "read").length;
  const gates = controller === "lstm" ? 4 : 1;
  const parts = controller === "lstm" ? ["h", "c"] : [];
  const inputs: Record<string, Input> = {
    x: float([B, T, I], { step: 1 / 16 }),
    memory: float([B, N, M], { seed: 2, step: 1 / 16 }),
    reads: float([B, readers, M], { seed: 3, step: 1 / 16 }),
    weights: float([B, heads.length, N], { seed: 4, step: 1 / 128, above: 0 }),
  };
  parts.forEach((part, i) => {
    inputs[part] = float([layers, B, H], { seed: 5 + i, step: 1 / 16 });
  });
  for (let l = 0; l < layers; l++) {
    const add = (name: string, ...shape: number[]): void => {
      inputs[`${name}${l}`] = float(shape, { seed: 10 * l + shape.length, step: 1 / 64 });
    };
    add("inputWeight", gates * H, l === 0 ? I + readers * M : H);
    add("inputBias", gates * H);
    if (controller === "lstm") add("hiddenWeight", gates * H, H);
    if (controller === "lstm") add("hiddenBias", gates * H);
  }
  const counts = heads.map((head) => M + 2 * shiftRange + 4 + (head === "write" ? 2 * M : 0));
  counts.forEach((count, i) => {
    inputs[`headWeight${i}`] = float([count, H], { seed: 50 + i, step: 1 / 32 });
    inputs[`headBias${i}`] = float([count], { seed: 60 + i, step: 1 / 16 });
  });

  const run: GradientCase["run"] = (given) => [
    ...neuralTuringMachine(
      given["x"]!,
      {
        ...{ controller, shiftRange },
        layers: Array.from({ length: layers }, (_, l) => ({
          inputWeight: given[`inputWeight${l}`]!,
          inputBias: given[`inputBias${l}`]!,
          hiddenWeight: given[`hiddenWeight${l}`],
          hiddenBias: given[`hiddenBias${l}`],
        })),
        heads: heads.map((head, i) => ({
          writes: head === "write",
          weight: given[`headWeight${i}`]!,
          bias: given[`headBias${i}`]!,
        })),
      },
      {
        ...{ memory: given["memory"]!, reads: given["reads"]!, weights: given["weights"]! },
        hidden: parts.map((part) => given[part] as Tensor),
      },
      { lengths: lengths && Int32Array.from(lengths), needWeights },
    ),
  ];

  const twin = (given: Record<string, Twin>): Twin[] => {
    const x = given["x"]!;
    const affine = (weight: string, bias: string, v: readonly number[]): number[] =>
      Array.from(
        { length: given[weight]!.shape[0]! },
        (_, row) => given[bias]!.data[row]! + dot(rowOf(given[weight]!, row), v),
      );
    const rows = Array.from({ length: B }, (_, b) => {
      let memory = Array.from({ length: N }, (_, n) => rowOf(given["memory"]!, b, n));
      let reads = Array.from({ length: readers }, (_, r) => rowOf(given["reads"]!, b, r)).flat();
      const looks = heads.map((_, head) => rowOf(given["weights"]!, b, head));
      const states: Parts[] = Array.from({ length: layers }, (_, l) =>
        parts.map((part) => rowOf(given[part]!, l, b)),
      );
      const outputs: number[][] = [];
      const trace: number[][][] = [];
      for (let t = 0; t < T; t++) {
        if (lengths && t >= lengths[b]!) {
          outputs.push(new Array<number>(H + readers * M).fill(0));
          trace.push(looks.map((w) => [...w]));
          continue;
        }
        let h = [...rowOf(x, b, t), ...reads];
        for (let l = 0; l < layers; l++) {
          if (controller === "feedforward") {
            h = affine(`inputWeight${l}`, `inputBias${l}`, h).map(Math.tanh);
            continue;
          }
          const weights = {
            inputWeight: given[`inputWeight${l}`]!,
            inputBias: given[`inputBias${l}`]!,
            hiddenWeight: given[`hiddenWeight${l}`]!,
            hiddenBias: given[`hiddenBias${l}`]!,
          };
          states[l] = advanceLSTM(h, states[l]!, weights, (h) => h);
          h = [...states[l]![0]!];
        }
        reads = [];
        heads.forEach((head, i) => {
          const p = affine(`headWeight${i}`, `headBias${i}`, h);
          const w = lookTwin(memory, looks[i]!, p, shiftRange);
          looks[i] = w;
          const [erase, add] = [p.slice(-2 * M, -M).map(sigmoid), p.slice(-M)];
          if (head === "read")
            for (let m = 0; m < M; m++)
              reads.push(
                dot(
                  w,
                  memory.map((row) => row[m]!),
                ),
              );
          else
            memory = memory.map((row, n) =>
              row.map((value, m) => value * (1 - w[n]! * erase[m]!) + w[n]! * add[m]!),
            );
        });
        outputs.push([...h, ...reads]);
        trace.push(looks.map((w) => [...w]));
      }
      return { memory, reads, looks, states, outputs, trace };
    });
    const joined = H + readers * M;
    return [
      build([B, T, joined], ([b, t, j]) => rows[b!]!.outputs[t!]![j!]!),
      build([B, N, M], ([b, n, m]) => rows[b!]!.memory[n!]![m!]!),
      build([B, readers, M], ([b, r, m]) => rows[b!]!.reads[r! * M + m!]!),
      build([B, heads.length, N], ([b, head, n]) => rows[b!]!.looks[head!]![n!]!),
      ...parts.map((_, part) =>
        build([layers, B, H], ([l, b, j]) => rows[b!]!.states[l!]![part]![j!]!),
      ),
      ...(needWeights
        ? [build([B, T, heads.length, N], ([b, t, head, n]) => rows[b!]!.trace[t!]![head!]![n!]!)]
        : []),
    ];
  };
  return { inputs, run, twin };
}

export const ntm: Record<string, GradientCase[]> = {
  neuralTuringMachine: [
    machineCase({ B: 1, T: 3, N: 5, M: 3, heads: ["read", "write"] }),
    machineCase({ B: 2, T: 2, N: 4, M: 2, heads: ["write", "read"], needWeights: true }),
    machineCase({ B: 3, T: 3, N: 5, M: 2, heads: ["read", "write"], lengths: [2, 0, 3] }),
    machineCase({
      ...{ B: 2, T: 3, N: 6, M: 2, heads: ["read", "write", "write", "read"] },
      ...{ lengths: [3, 1], needWeights: true },
    }),
    machineCase({ B: 1, T: 2, N: 3, M: 3, heads: ["write", "read"], layers: 2 }),
    machineCase({ B: 2, T: 2, N: 7, M: 2, heads: ["read", "write"], layers: 3, shiftRange: 2 }),
    machineCase({ B: 1, T: 3, N: 5, M: 2, heads: ["read", "write"], controller: "feedforward" }),
    machineCase({
      ...{ B: 2, T: 3, N: 5, M: 2, heads: ["write", "read"], controller: "feedforward" },
      ...{ layers: 2, lengths: [1, 3] },
    }),
    machineCase({ B: 1, T: 2, N: 4, M: 2, heads: ["read"], shiftRange: 0 }),
  ],
};
