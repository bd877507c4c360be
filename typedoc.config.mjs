import { OptionDefaults } from "typedoc";
import { entries } from "./scripts/package-entries.mjs";

/** @type {Partial<import("typedoc").TypeDocOptions>} */
export default {
  name: "hiddenstate",
  entryPoints: entries.map(({ source }) => source),
  out: "docs/api",
  readme: "README.md",
  // What is missing in hiddenstate/infer, whose other members are those of hiddenstate.
  modifierTags: [...OptionDefaults.modifierTags, "@training"],
  excludeInternal: true,
  disableSources: true,
  excludePrivate: true,
  excludeExternals: true,
  validation: { notExported: false, invalidLink: true },
};
