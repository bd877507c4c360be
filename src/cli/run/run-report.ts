// What a run ends with: the scores of its model, beside what counting alone reaches, and a line of JSON.
import { falling, scoresText, type Metric } from "../../metrics/metric.js";
import type { FitResult } from "../../models/kit/fit-options.js";
import type { ReadyModel } from "../../models/kit/ready-model.js";
import { evaluated } from "../evaluated.js";
import type { Baseline, Part, Scored } from "../task.js";
import type { Run } from "./train-run.js";

/** What a training took. */
export interface Cost {
  /** For people: `"1 min 05 s"`. */
  readonly seconds: string;
  /** Words or other tokens that were learnt from. */
  readonly perSecond: number;
  /** What was counted: `"word"`. */
  readonly unit: string;
  /** Bytes of the process, at the most. */
  readonly peakMemory: number;
}

type Result = FitResult & { readonly cost: Cost };

export class RunReport {
  readonly #run: Run;
  readonly #model: ReadyModel<unknown>;
  /** What went wrong first, of what can be left out. */
  #failure: unknown;

  /** @param model as it was saved and loaded again */
  constructor(run: Run, model: ReadyModel<unknown>) {
    this.#run = run;
    this.#model = model;
  }

  /**
   * Scores, prints, and ends with JSON. What cannot be scored after all is left out: a training that is done does not
   * lose the rest.
   *
   * @throws what went wrong, when all else is printed
   */
  async print(result: Result): Promise<void> {
    const { task, parts, given, files } = this.#run;
    const scoresValid = task.scoresValidation === true || !parts.test;
    const valid = scoresValid && parts.valid ? await this.#scored(parts.valid) : undefined;
    const test = parts.test && (await this.#scored(parts.test));
    const own = { parts, model: this.#model, modelFile: files.model, valid, test, given };
    const scored = test ?? valid;
    const { perSecond, peakMemory } = result.cost;
    const report = {
      ...((await task.finish?.(own)) ?? {
        modelFile: files.model,
        steps: result.steps,
        validation: valid?.evaluation.scores ?? result.best.validation,
        ...(test && { test: test.evaluation.scores }),
      }),
      ...(scored?.baseline && { baseline: scored.baseline.scores }),
      cost: { tokensPerSecond: perSecond, peakMemoryBytes: peakMemory },
    };
    console.log(`\n${JSON.stringify(report)}`);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Scores the model on a part, beside what counting alone reaches, and prints both. */
  async #scored(part: Part<unknown>): Promise<Scored | undefined> {
    const { task, parts, given } = this.#run;
    const metric = given.metric as string | undefined;
    const model = this.#model;
    try {
      const found = await evaluated(task, model, part.source, given);
      const evaluation = { ...found, scores: model.scoresFor(found, metric) };
      console.log(`\nOn ${part.name}:\n${task.report(evaluation, model)}`);
      const baseline = await task.baseline(parts, part, model, metric);
      if (baseline) this.#compare(evaluation.scores, baseline);
      return { part, evaluation, baseline };
    } catch (error) {
      this.#failure ??= error;
      return undefined;
    }
  }

  #compare(scores: Scored["evaluation"]["scores"], baseline: Baseline): void {
    const { given, model } = this.#run;
    const metrics = model.metricsFor(given.metric as string | undefined);
    console.log(`${baseline.name}: ${scoresText(metrics, baseline.scores)}.`);
    const asked = (given.metric as string | undefined) ?? Object.keys(metrics)[0]!;
    // Counting has no loss to compare, say.
    const metric = asked in baseline.scores ? asked : Object.keys(baseline.scores)[0]!;
    const verdict = compared(
      (metrics as Record<string, Metric>)[metric],
      scores[metric],
      baseline.scores[metric],
    );
    const cure = "give it more examples or epochs";
    if (verdict === "worse")
      console.log(`The model is worse than this baseline by ${metric}: ${cure}, or use counting.`);
    if (verdict === "equal")
      console.log(`The model is no better than this baseline by ${metric}: ${cure}.`);
  }
}

/** How a score stands to that of counting; nothing beats all that is right. */
function compared(
  metric: Metric | undefined,
  own: number | undefined,
  counted: number | undefined,
): "better" | "equal" | "worse" {
  if (!metric || own === undefined || counted === undefined) return "better";
  if (metric.as === "share" && own === 1) return "better";
  if (own === counted) return "equal";
  return falling(metric, own) > falling(metric, counted) ? "worse" : "better";
}
