import { once } from "node:events";
import type { Command } from "commander";
import { decodeText, readText } from "../../platform/node/text.js";
import { modelCommand } from "./model-command.js";

/** `hiddenstate match`: which of a file's labelled texts each line is most like. */
export function matchCommand(): Command {
  return modelCommand({
    name: "match",
    description: "Find for each line what it is most like among labelled texts, without training.",
    operands: ["[file]", "lines to match, one text each (default: standard input)"],
    needs: { references: "texts with labels, or what References.toBytes() gave (.safetensors)" },
    expects: "a model that compares texts",
    optionsOf: ({ match }) => match?.options,
    cure: ({ predict }) => predict && "It answers lines: predict.",
    async run({ load, match }, bytes, { references, ...given }, [file]) {
      const encoding = (given.encoding as string | undefined) ?? "utf-8";
      const stdin = process.stdin as AsyncIterable<Uint8Array>;
      const source =
        file === undefined
          ? decodeText(stdin, "standard input", { encoding })
          : readText(file, { encoding });
      for await (const line of match!.lines(load(bytes), references as string, source, given))
        if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
    },
  }).addHelpText(
    "after",
    `
A line for a line: the label, a tab, the cosine; with --count 3 the three most similar, with tabs between.

Examples:
  hiddenstate train --task pairs --train questions.tsv --out similar.safetensors
  hiddenstate match --model similar.safetensors --references answers.tsv questions.txt
  echo "how do I pay?" | hiddenstate match --model similar.safetensors --references faq.csv --columns label=id,text=question

References: columns label, text. A label may have any number of texts; one is enough.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,
  );
}
