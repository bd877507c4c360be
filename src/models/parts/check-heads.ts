// The heads of a Transformer's attention, by the names that ready models give their sizes.
import { OptionError } from "../../core/errors.js";
import type { OptionNaming } from "../../core/options.js";

/**
 * @param features what the heads share out, by its name: `hiddenSize`, or a multiple of it
 * @throws OptionError where the heads cannot be of one size, or with rotary positions of an even one
 */
export function checkHeads(
  op: string,
  features: { readonly name: string; readonly size: number },
  { numHeads, rotary }: { readonly numHeads: number; readonly rotary: boolean },
  named: OptionNaming = (name) => name,
): void {
  const { name, size } = features;
  const shared = `${named(name)}, ${size}`;
  if (size % numHeads > 0)
    throw new OptionError({
      op,
      expected: `${named("numHeads")} that divide ${shared}`,
      got: String(numHeads),
    });
  if (rotary && (size / numHeads) % 2 > 0)
    throw new OptionError({
      op,
      expected: "an even number of features in each head, which rotary positions turn in pairs",
      got: `${size / numHeads}: ${named(name)} ${size} over ${named("numHeads")} ${numHeads}`,
    });
}
