// `hiddenstate vectors plot`: a map of words as a page.
import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { choice, text, whole, withDefaults, type OptionTable } from "../../core/options.js";
import { scatterPage } from "../../inspect/scatter-page.js";
import { checkWritable } from "../../platform/node/files.js";
import { formatDuration, Pace, progressLines } from "../../platform/node/progress.js";
import { TSNE_OPTIONS, type TSNEOptions } from "../../vectors/tsne/options.js";
import { TSNE } from "../../vectors/tsne/tsne.js";
import { initSync } from "../../wasm/backend.js";
import { firstWords, listedWords, type PlottedWords } from "../data/plotted-words.js";
import { VECTOR_FILES } from "../data/word-vectors.js";
import { addFlags, givenFlags } from "../flags.js";
import { withInterrupt } from "../run/interrupt.js";
import { progressBar } from "../run/progress-bar.js";

const WORDS = {
  words: {
    ...text(undefined, "which words: a word in each line, maybe its group behind a tab"),
    form: "a file",
  },
  count: whole(4, 2000, "without --words: so many, the first, which are the most frequent"),
};
const PAGE = {
  out: { ...text("map.html", "the page"), form: "a file" },
  title: text(undefined, "what stands above the map (default: the name of the file)"),
};
const { perplexity, metric, seed, iterations, learningRate, theta } = withDefaults(TSNE_OPTIONS, {
  metric: "cosine",
});
const MAP: OptionTable = { perplexity, iterations, learningRate, theta, metric, seed };
const BUILD = {
  build: choice(["plain", "auto"], "plain", "plain: the same bits everywhere; auto: faster"),
};

export function plotCommand(): Command {
  const command = new Command("plot")
    .description("Draw a map of words by t-SNE: a page to search, zoom and point at.")
    .argument("<file>", VECTOR_FILES);
  addFlags(command, WORDS);
  addFlags(command, PAGE);
  addFlags(command.optionsGroup("The map:"), { ...MAP, ...BUILD });
  return command
    .addHelpText("after", HELP)
    .action((file: string) => plot(file, givenFlags(command)));
}

const HELP = `
Examples:
  hiddenstate vectors plot glove.6B.100d.txt.gz --count 3000 --out words.html
  hiddenstate vectors plot vectors.bin --words animals-and-metals.tsv --perplexity 10

The last line of standard output is JSON: mapFile, words, perplexity, iterations, klDivergence.`;

interface PlotFlags extends TSNEOptions {
  words?: string;
  count?: number;
  out?: string;
  title?: string;
  build?: "plain" | "auto";
}

async function plot(file: string, flags: PlotFlags): Promise<void> {
  const { words: list, count, out = "map.html", title = `Words of ${file}`, build, ...map } = flags;
  await checkWritable(out);
  initSync({ build: build ?? "plain" });
  const plotted = await (list === undefined
    ? firstWords(file, count ?? WORDS.count.default!)
    : listedWords(file, list));
  const { words, groups, values, dimension } = plotted;
  console.error(`${words.length} words, vectors of ${dimension} numbers.`);
  const tsne = await TSNE.build({ values, dimension }, { metric: "cosine", ...map });
  await runShown(tsne);
  const klDivergence = tsne.klDivergence();
  const layout = tsne.layout();
  tsne.dispose();
  const description = describe(plotted, tsne);
  await writeFile(out, scatterPage(layout, { title, description, labels: words, groups }));
  console.error(`The map is in ${out}: open it in a browser.`);
  console.log(
    JSON.stringify({
      mapFile: out,
      words: words.length,
      perplexity: tsne.options.perplexity,
      iterations: tsne.iterations,
      klDivergence,
    }),
  );
}

function describe({ words }: PlottedWords, { options }: TSNE): string {
  const perplexity = Math.round(options.perplexity * 100) / 100;
  return `${words.length} words by t-SNE, perplexity ${perplexity}: near each other is much alike; sizes of and distances between groups say little.`;
}

/** Lines of progress in a log of the whole run. */
const LINES = 10;

async function runShown(tsne: TSNE): Promise<void> {
  const total = tsne.iterations;
  const pace = new Pace(total);
  const write = (line: string): void => console.error(line);
  const progress = process.stderr.isTTY
    ? progressBar({ total, first: 0, pace })
    : progressLines({ total, every: Math.ceil(total / LINES), write, unit: "iteration", pace });
  try {
    await withInterrupt((signal) =>
      tsne.run({
        signal,
        onProgress: ({ iteration, klDivergence }) =>
          progress.update(iteration, `KL divergence ${klDivergence.toFixed(4)}`),
      }),
    );
  } finally {
    progress.stop();
  }
  console.error(`${total} iterations in ${formatDuration(pace.elapsed())}.`);
}
