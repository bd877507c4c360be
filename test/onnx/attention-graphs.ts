// Attention as exporters write it, in files of one layer: projections, heads, scale, masks, softmax.
import { BOOL, file, FLOAT, floats, ints, node as anyNode, value } from "./build.js";
import { numbers, type Given } from "./ort.js";

export interface AttentionForm {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  readonly keys: number;
  /** Features of a head. */
  readonly size: number;
  /** `heads`: `[batch, heads, time, size]`; `bmm`: `[batch · heads, time, size]`, read with time first; `plain`: one head, no axis of it. */
  readonly layout: "heads" | "bmm" | "plain";
  readonly scale: "scores times" | "scores over" | "query over" | "roots of sizes" | "none";
  /** How the masks that are given count, the first nearest to the scores. */
  readonly masks: readonly {
    readonly by: "added" | "stays" | "goes";
    readonly shape: readonly number[];
    /** By elements: of conditions 0 or 1, else what is added. */
    readonly data: readonly number[];
    readonly least?: number | undefined;
    /** Whether it is a parameter. Default: an input. */
    readonly learns?: boolean | undefined;
  }[];
  /** Whether weights that are no numbers become zeros. */
  readonly clears?: boolean | undefined;
  /** Names of values that are outputs too: `s` of the scores' product, `w` of the softmax, `mixed` before heads stand side by side. */
  readonly outputs?: readonly string[] | undefined;
  readonly axis?: number | undefined;
  readonly opset?: number | undefined;
}

export const PLAIN: AttentionForm = {
  ...{ batch: 2, heads: 3, queries: 5, keys: 6, size: 4 },
  ...{ layout: "heads", scale: "scores times", masks: [] },
};

/** The file's bytes, and inputs. */
export function attentionFile(form: AttentionForm): {
  readonly bytes: Uint8Array;
  readonly given: Readonly<Record<string, Given>>;
} {
  const { batch: B, queries: T, keys: S, size: d, layout, scale, masks, opset = 17 } = form;
  const H = layout === "plain" ? 1 : form.heads;
  const D = H * d;
  const nodes: ReturnType<typeof anyNode>[] = [];
  const initializer: ReturnType<typeof floats>[] = [];
  let count = 0;
  /** A node of one output, which ONNX Runtime wants with a name of its own. */
  const node = (
    type: string,
    inputs: string[],
    attributes: Parameters<typeof anyNode>[3] = {},
    output = `${type}_${count++}`,
  ): string => {
    nodes.push({ ...anyNode(type, inputs, [output], attributes), name: `${output}_node` });
    return output;
  };
  const constant = (values: readonly number[], dims: readonly number[] = []): string => {
    const name = `c_${count++}`;
    initializer.push(floats(name, dims, values));
    return name;
  };
  const whole = (...values: number[]): string => {
    const name = `i_${count++}`;
    initializer.push(ints(name, values));
    return name;
  };
  const projected = (x: string, name: string): string => {
    const weights = [...numbers(D, D).data].map((each, i) => each * (1 + 0.1 * (i % 5)));
    initializer.push(
      floats(
        name,
        [D, D],
        weights.map((each) => each * (name === "Wk" ? 0.9 : 1.1)),
      ),
    );
    return node("MatMul", [x, name]);
  };
  /** The value as the products read it; keys with time last. */
  const apart = (x: string, isKey = false): string => {
    if (layout === "plain") return isKey ? node("Transpose", [x], { perm: [0, 2, 1] }) : x;
    if (layout === "heads") {
      const split = node("Reshape", [x, whole(0, 0, H, d)]);
      return node("Transpose", [split], { perm: isKey ? [0, 2, 3, 1] : [0, 2, 1, 3] });
    }
    const first = node("Transpose", [x], { perm: [1, 0, 2] });
    const split = node("Reshape", [first, whole(0, B * H, d)]);
    return node("Transpose", [split], { perm: isKey ? [1, 2, 0] : [1, 0, 2] });
  };
  let q = apart(projected("x", "Wq"));
  let k = apart(projected("memory", "Wk"), true);
  const v = apart(projected("memory", "Wv"));
  if (scale === "query over") q = node("Div", [q, constant([Math.sqrt(d)])]);
  if (scale === "roots of sizes") {
    // As PyTorch 2 writes scaled_dot_product_attention.
    const last = node("Slice", [node("Shape", [q]), whole(-1), whole(1000)]);
    const size = node("Cast", [last], { to: 1 });
    const root = node("Sqrt", [node("Div", [constant([1]), node("Sqrt", [size])])]);
    q = node("Mul", [q, root]);
    k = node("Mul", [k, root]);
  }
  let s = node("MatMul", [q, k], {}, "s");
  if (scale === "scores times") s = node("Mul", [s, constant([1 / Math.sqrt(d)])]);
  if (scale === "scores over") s = node("Div", [s, constant([Math.sqrt(d)])]);
  const inputs = [value("x", FLOAT, ["B", "T", D]), value("memory", FLOAT, ["B", "S", D])];
  const given: Record<string, Given> = { x: numbers(B, T, D), memory: numbers(B, S, D) };
  masks.forEach(({ by, shape, data, least = -Infinity, learns }, i) => {
    const name = `mask_${i}`;
    if (learns) initializer.push(floats(name, shape, data));
    else {
      inputs.push(value(name, by === "added" ? FLOAT : BOOL, shape));
      const Kind = by === "added" ? Float32Array : Int32Array;
      given[name] = { shape, data: Kind.from(data) };
    }
    if (by === "added") s = node("Add", i % 2 ? [name, s] : [s, name]);
    else
      s = node(
        "Where",
        by === "stays" ? [name, s, constant([least])] : [name, constant([least]), s],
      );
  });
  const rank = layout === "heads" ? 4 : 3;
  const axis = form.axis ?? (opset < 13 ? rank - 1 : -1);
  let w = node("Softmax", [s], { axis }, "w");
  if (form.clears) w = node("Where", [node("IsNaN", [w]), constant([0]), w]);
  const mixed = node("MatMul", [w, v], {}, "mixed");
  if (layout === "plain") node("Identity", [mixed], {}, "y");
  else {
    const perm = layout === "heads" ? [0, 2, 1, 3] : [1, 0, 2];
    const together = layout === "heads" ? whole(0, 0, D) : whole(0, B, D);
    node("Reshape", [node("Transpose", [mixed], { perm }), together], {}, "y");
  }
  const output = ["y", ...(form.outputs ?? [])].map((name) => ({
    name,
    type: { tensorType: { elemType: FLOAT } },
  }));
  return { bytes: file({ node: nodes, initializer, input: inputs, output }, opset), given };
}
