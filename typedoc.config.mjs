import { OptionDefaults } from "typedoc";
import { entries } from "./scripts/package-entries.mjs";

/** The pages of docs/ in the order in which a reader meets them: those for users, then those for who works on the library. */
const guides = [
  ...[
    "training-in-a-page",
    "parallel",
    "scale",
    "series",
    "tagging-and-classifying",
    "language-models",
    "sequence-to-sequence",
    "transformers",
    "neural-turing-machine",
    "word-vectors",
    "maps-of-vectors",
    "similarity",
    "sound",
    "captions",
    "music",
    "deployment",
  ],
  ...["typescript-and-tests", "onnx", "pytorch-files", "keras-files"],
  ...["from-pytorch", "from-tfjs-and-brainjs"],
  ...["numerics", "bptt", "architecture", "adding-a-model", "adding-an-operation", "findings"],
];

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "hiddenstate",
  entryPoints: entries.map(({ source }) => source),
  projectDocuments: guides.map((name) => `docs/${name}.md`),
  sortEntryPoints: false,
  out: "docs/api",
  readme: "README.md",
  plugin: ["./scripts/typedoc-plugin.mjs"],
  // What is missing in hiddenstate/infer, whose other members are those of hiddenstate.
  modifierTags: [...OptionDefaults.modifierTags, "@training"],
  highlightLanguages: [...OptionDefaults.highlightLanguages, "sh", "text", "python", "diff"],
  excludeInternal: true,
  disableSources: true,
  excludePrivate: true,
  excludeExternals: true,
  validation: { notExported: false, invalidLink: true },
  treatWarningsAsErrors: true,
};
