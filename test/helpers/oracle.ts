// The reference files of test/oracle (their layout: test/oracle/generator/cases.py), read by the library itself.
import { readFileSync } from "node:fs";
import { readSafetensors } from "../../src/io/safetensors.js";
import type { DType } from "../../src/core/dtype.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { expectClose } from "./expect-close.js";

type Role = "in" | "param" | "out" | "projection" | "grad";

interface CaseRecord {
  name: string;
  op: string;
  options: Record<string, unknown>;
  tolerances: Record<string, number>;
}

/** A constant of the file: what a test builds its own tensors from. */
export interface Constant {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: Float32Array | Int32Array;
}

export class OracleCase<Options = Record<string, unknown>> {
  readonly name: string;
  readonly op: string;
  readonly options: Options;
  readonly #tolerances: Record<string, number>;
  readonly #constants: ReadonlyMap<string, Constant>;

  constructor(record: CaseRecord, constants: ReadonlyMap<string, Constant>) {
    this.name = record.name;
    this.op = record.op;
    this.options = record.options as Options;
    this.#tolerances = record.tolerances;
    this.#constants = constants;
  }

  /** The names this case has in a role, in the order of the file. */
  names(role: Role): string[] {
    const prefix = `${this.name}/${role}/`;
    return [...this.#constants.keys()]
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length));
  }

  has(role: Role, name: string): boolean {
    return this.#constants.has(`${this.name}/${role}/${name}`);
  }

  constant(role: Role, name: string): Constant {
    const found = this.#constants.get(`${this.name}/${role}/${name}`);
    if (!found) throw new Error(`${this.name} has no ${role}/${name}`);
    return found;
  }

  /** The largest difference allowed in any element; integers must be equal. */
  tolerance(role: "out" | "grad", name: string): number {
    return this.#tolerances[`${role}/${name}`] ?? 0;
  }

  /** Shape, dtype and every element within the case's tolerance; integers exactly. */
  expect(role: "out" | "grad", name: string, actual: Tensor<DType>): void {
    const expected = this.constant(role, name);
    const what = `${this.name} ${role}/${name}`;
    if (`${actual.dtype} [${actual.shape}]` !== `${expected.dtype} [${expected.shape}]`)
      throw new Error(
        `${what}: expected ${expected.dtype} [${expected.shape}], got ${actual.dtype} [${actual.shape}]`,
      );
    expectClose(actual.data(), expected.data, this.tolerance(role, name), what);
  }
}

/** All cases of `test/oracle/<family>.safetensors`. */
export function oracleCases<Options = Record<string, unknown>>(
  family: string,
): OracleCase<Options>[] {
  const bytes = readFileSync(new URL(`../oracle/${family}.safetensors`, import.meta.url));
  const { tensors, metadata } = readSafetensors(bytes);
  const constants = new Map<string, Constant>();
  for (const [name, tensor] of tensors) {
    constants.set(name, { shape: tensor.shape, dtype: tensor.dtype, data: tensor.data() });
    tensor.dispose();
  }
  const records = JSON.parse(metadata.get("cases")!) as CaseRecord[];
  return records.map((record) => new OracleCase<Options>(record, constants));
}

/** The cases of one operation: a file that lost them must not pass. */
export function casesOf<Options = Record<string, unknown>>(
  cases: readonly OracleCase<unknown>[],
  op: string,
): OracleCase<Options>[] {
  const found = cases.filter((each) => each.op === op);
  if (found.length === 0) throw new Error(`no oracle case of ${op}`);
  return found as OracleCase<Options>[];
}
