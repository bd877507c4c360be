// The training itself: model, windows, optimizer and loop, put together.
import { manualSeed } from "../core/random.js";
import { StreamWindows, type StreamWindow } from "../data/windows.js";
import { perplexity } from "../metrics/perplexity.js";
import { LanguageModel } from "../models/language-model.js";
import { AdamW } from "../optim/adam.js";
import { LinearLR } from "../optim/schedules.js";
import { WarmupLR } from "../optim/warmup.js";
import { writeBytes } from "../platform/node/files.js";
import { tensor } from "../tensor/create.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { fit } from "../train/fit.js";
import { backend } from "../wasm/backend.js";
import { howToGoOn, Interrupted, withInterrupt } from "./interrupt.js";
import { RunDisplay } from "./run-display.js";
import { unitOf } from "./read-tokens.js";
import type { RunFiles } from "./run-files.js";
import type { TrainSettings } from "./train-settings.js";

export interface LanguageModelRun {
  readonly settings: TrainSettings;
  readonly tokenizer: Tokenizer;
  readonly train: Int32Array;
  readonly heldOut: Int32Array;
  readonly files: RunFiles;
  readonly checkpoint: {
    /** Steps between two. */
    readonly every: number;
    readonly resume: Uint8Array | undefined;
    readonly metadata: Record<string, string>;
  };
}

/** Share of the steps in which the learning rate rises. */
const WARMUP = 0.02;

/** Trains to the end; on Ctrl-C saves a checkpoint and throws how to go on. */
export async function fitLanguageModel(run: LanguageModelRun): Promise<LanguageModel> {
  const { settings, tokenizer, train, heldOut, files, checkpoint } = run;
  const { batch, time } = settings;
  manualSeed(settings.seed);
  const model = new LanguageModel(tokenizer, {
    embeddingSize: settings.embedding,
    hiddenSize: settings.hidden,
    numLayers: settings.layers,
    dropout: settings.dropout,
    tieWeights: settings.tieWeights,
  });
  const windows = new StreamWindows(train, { batch, time });
  const steps = settings.steps ?? settings.epochs * windows.length;
  // The second moments of a short run must not remember its beginning for long.
  const optimizer = new AdamW(model.parameters(), {
    lr: settings.learningRate,
    betas: [0.9, 0.99],
  });
  // A straight line down is as good as a cosine for short runs.
  const warmup = Math.round(steps * WARMUP);
  const after = new LinearLR(optimizer, {
    startFactor: 1,
    endFactor: 0,
    totalIters: Math.max(1, steps - 1 - warmup),
  });
  const schedule = new WarmupLR(optimizer, { steps: warmup, after });
  const carry = model.carry(batch);
  announce(run, model, steps);

  let display: RunDisplay | undefined;
  let step = 0;
  try {
    await withInterrupt((signal) =>
      fit({
        model,
        optimizer,
        schedule,
        batches: windows,
        steps,
        maxNorm: settings.clip,
        signal,
        step({ input, target, shape, index }: StreamWindow) {
          if (index === 0) carry.reset();
          return model.loss(tensor(input, { shape }), tensor(target, { shape }), carry);
        },
        onStep(report) {
          step = report.step;
          display ??= new RunDisplay(steps, step, {
            itemsAStep: batch * time,
            item: settings.tokens === "chars" ? "char" : "word",
            figures: (loss) => [`perplexity ${perplexity(loss).toFixed(2)}`],
          });
          display.step(step, report.loss);
        },
        onEpoch({ epoch }) {
          if (step === steps) return;
          const score = model.evaluate(heldOut).perplexity.toFixed(2);
          const on = settings.valid ?? "the kept share";
          display?.log(`Epoch ${epoch + 1}: perplexity ${score} on ${on}.`);
        },
        checkpoint: {
          every: checkpoint.every,
          save: (bytes) => writeBytes(files.checkpoint, bytes),
          resume: checkpoint.resume,
          tensors: { h: carry.h, c: carry.c },
          metadata: checkpoint.metadata,
        },
      }),
    );
  } catch (error) {
    display?.stop();
    throw error instanceof Interrupted ? howToGoOn(undefined, files) : error;
  }
  display?.stop();
  return model;
}

function announce(
  { settings, tokenizer, train, heldOut }: LanguageModelRun,
  model: LanguageModel,
  steps: number,
): void {
  const { batch, time, layers, hidden, embedding, build } = settings;
  const unit = `${unitOf(settings)}s`;
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0);
  console.log(
    `${train.length} ${unit} to learn from, ${heldOut.length} kept for the score; ${tokenizer.size} distinct.`,
  );
  console.log(
    `LSTM ${layers} x ${hidden}, embedding ${embedding}: ${parameters} parameters; ` +
      `${steps} steps of ${batch} x ${time} ${unit}; ${backend().build} kernels (${build}).`,
  );
}
