// What principal components make of series of one length: the baseline of an autoencoder.
import type { Examples } from "../../data/examples.js";
import { rocAuc } from "../../metrics/roc-auc.js";
import type { AutoencoderExample } from "../../models/autoencoder/example.js";
import type { SequenceAutoencoder } from "../../models/autoencoder/sequence-autoencoder.js";
import { scope } from "../../tensor/scope.js";
import { pca } from "../../vectors/pca/pca.js";
import type { Baseline } from "../task.js";

/** Of the variance of what is learnt, so much the components hold. */
const SHARE = 0.9;
/** More numbers of a series would take long. */
const MOST = 2000;

/** Series of different lengths have none, nor do streams. */
export async function pcaBaseline(
  train: Examples<AutoencoderExample>,
  heldOut: Examples<AutoencoderExample>,
  { input }: SequenceAutoencoder,
): Promise<Baseline | undefined> {
  if (typeof train === "function" || typeof heldOut === "function") return undefined;
  const rowsOf = (examples: Iterable<AutoencoderExample>) =>
    Array.from(examples, (one) =>
      scope(() => input.forward([input.encode("baseline", one.input)]).x.data()),
    );
  const scored = [...heldOut];
  const [known, rows] = [rowsOf(train), rowsOf(scored)];
  const size = known[0]!.length;
  const alike = [...known, ...rows].every(({ length }) => length === size);
  if (!alike || known.length < 3 || size < 2 || size > MOST) return undefined;
  const found = await pca(known, { components: Math.min(known.length - 1, size) });
  let [count, share] = [0, 0];
  while (share < SHARE && count < found.explainedVarianceRatio.length)
    share += found.explainedVarianceRatio[count++]!;
  const errors = rows.map((row) => {
    const away = Array.from(row, (value, i) => value - found.mean[i]!);
    let squares = away.reduce((sum, value) => sum + value * value, 0);
    for (let c = 0; c < count; c++) {
      const along = away.reduce((sum, x, i) => sum + x * found.components[c * size + i]!, 0);
      squares -= along * along;
    }
    return squares / size;
  });
  const anomalies = scored.map(({ anomaly = false }) => anomaly);
  const normal = errors.filter((_, i) => !anomalies[i]);
  const error = normal.reduce((sum, one) => sum + one, 0) / normal.length;
  const name = `Principal components, ${count} of them for 90 % of the variance`;
  const told = anomalies.some(Boolean);
  return { name, scores: told ? { error, auc: rocAuc(errors, anomalies) } : { error } };
}
