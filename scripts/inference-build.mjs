// The inference build is made of the library's own sources, without what trains:
// - where `name.infer.ts` stands beside `name.ts`, that one is taken;
// - records of operations lose their `backward` (a list of `gradients` its items), and what their forward passes keep
//   for it, and with these whatever only they need;
// - methods and functions marked `@training` throw instead.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { MODULES } from "./kernel-modules.mjs";
import { root } from "./package-entries.mjs";

const refusal = join(root, "src/core/inference.ts");

/**
 * The two builds call the address of a tensor by exchanged names: a tensor that strays into the other build
 * meets `addressElsewhere` and is refused, before any kernel reads memory that is not its own.
 *
 * @type {import("esbuild").BuildOptions}
 */
export const inferenceOptions = {
  mangleProps: /^(address|addressElsewhere)$/,
  mangleCache: { address: "addressElsewhere", addressElsewhere: "address" },
  // What only the stripped parts used need not be there to import.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false } },
};

/** Of the modules that serve the same host code, it takes its own. */
export const inferenceKernels = Object.fromEntries(
  Object.entries(MODULES)
    .filter(([, { insteadOf }]) => insteadOf)
    .map(([name, { insteadOf }]) => [`#kernels/${insteadOf}`, `#kernels/${name}`]),
);

/** @type {import("esbuild").Plugin} */
export const withoutTraining = {
  name: "without-training",
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const own = path.replace(/\.ts$/, ".infer.ts");
      const text = readFileSync(existsSync(own) ? own : path, "utf8");
      return { contents: stripTraining(path, text), loader: "ts", resolveDir: dirname(path) };
    });
  },
};

/** A source without what trains. */
export function stripTraining(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const edits = [];
  const visit = (node) => {
    if (isMember(node, "gradients") && node.initializer) {
      edits.push({ from: node.initializer.getStart(), to: node.initializer.end, by: "[]" });
    } else if (isOfGradients(node)) {
      const comma = text[node.end] === "," ? 1 : 0;
      edits.push({ from: node.getFullStart(), to: node.end + comma, by: "" });
    } else if (isTraining(node) && node.body) {
      const by = `{ throw cannotTrain(${JSON.stringify(node.name.text)});`;
      edits.push({ from: node.body.getStart(), to: node.body.end - 1, by });
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  const stripped = edits.reduceRight(
    (rest, { from, to, by }) => rest.slice(0, from) + by + rest.slice(to),
    text,
  );
  const refuses = edits.some(({ by }) => by.includes("cannotTrain"));
  return refuses ? `import { cannotTrain } from ${JSON.stringify(refusal)};${stripped}` : stripped;
}

const KEPT = ["inputs", "unread", "saved"];

/** A member of a record, `backward(pass, saved) {…}`, or of what a forward pass returns beside its `output`. */
function isOfGradients(node) {
  const isForward = ["output", "inputs"].every((name) =>
    node.parent?.properties?.some((member) => isMember(member, name)),
  );
  return isMember(node, "backward") || (isForward && KEPT.some((name) => isMember(node, name)));
}

function isMember(node, name) {
  const { parent } = node;
  return !!parent && ts.isObjectLiteralExpression(parent) && node.name?.getText() === name;
}

/** What its documentation marks `@training`: a method or a function that runs only where there is training. */
export function isTraining(node) {
  return ts.getJSDocTags(node).some(({ tagName }) => tagName.text === "training");
}
