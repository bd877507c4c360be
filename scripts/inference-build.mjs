// The inference build is made of the library's own sources in which the constant TRAINING is false. What only stands
// behind it falls away, and so do the members `backward` of the records that operations are made of.
import { readFileSync } from "node:fs";
import ts from "typescript";
import { MODULES } from "./kernel-modules.mjs";

/** The functions that take a record with a member `backward`. */
const RECORD_MAKERS = ["defineOp", "defineCell", "arithmetic"];
/** What their `forward` returns beside the output. */
const KEPT = ["inputs", "unread", "saved"];

/**
 * The two builds call the address of a tensor by exchanged names: a tensor that strays into the other build
 * meets `addressElsewhere` and is refused, before any kernel reads memory that is not its own.
 *
 * @type {import("esbuild").BuildOptions}
 */
export const inferenceOptions = {
  mangleProps: /^(address|addressElsewhere)$/,
  mangleCache: { address: "addressElsewhere", addressElsewhere: "address" },
  // Imports that only what trains needed remain as such; files without side effects need none.
  logOverride: { "ignored-bare-import": "silent" },
};

/** Of the modules that serve the same host code, it takes its own. */
export const inferenceKernels = Object.fromEntries(
  Object.entries(MODULES)
    .filter(([, { insteadOf }]) => insteadOf)
    .map(([name, { insteadOf }]) => [`#kernels/${insteadOf}`, `#kernels/${name}`]),
);

/**
 * Each file is reduced before it is bundled: the bundler would count what it drops behind a `throw` as used.
 *
 * @type {import("esbuild").Plugin}
 */
export const withoutTraining = {
  name: "without-training",
  setup(build) {
    // AssemblyScript's loader, which its package does not mark as free of side effects, is not called there.
    build.onResolve({ filter: /^@assemblyscript\/loader$/ }, ({ path }) => ({
      path,
      external: true,
      sideEffects: false,
    }));
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
      const { code } = await build.esbuild.transform(
        withoutBackward(path, readFileSync(path, "utf8")),
        {
          ...{ loader: "ts", sourcefile: path, target: build.initialOptions.target },
          ...{ define: { TRAINING: "false" }, minifySyntax: true },
        },
      );
      return { contents: code, loader: "js" };
    });
  },
};

/**
 * A source whose records have no `backward`, and whose `forward` gives none of what only that reads. Fails where a record
 * is none that it can read.
 */
export function withoutBackward(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const members = [];
  const visit = (node) => {
    if (ts.isIdentifier(node) && RECORD_MAKERS.includes(node.text) && !isNamed(node))
      members.push(...trainingMembersOf(source, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  members.sort((a, b) => a.pos - b.pos);
  return members.reduceRight((rest, member) => {
    const comma = rest[member.end] === "," ? 1 : 0;
    return rest.slice(0, member.getFullStart()) + rest.slice(member.end + comma);
  }, text);
}

/** Whether an identifier is imported, exported or declared here, not used. */
function isNamed({ parent }) {
  return (
    ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isFunctionDeclaration(parent)
  );
}

function trainingMembersOf(source, maker) {
  const { parent: call } = maker;
  const record = ts.isCallExpression(call) && call.expression === maker && call.arguments[0];
  const members = record && ts.isObjectLiteralExpression(record) ? record.properties : [];
  const backward = members.find((member) => isCalled(member, ["backward"]));
  if (backward && members.every((each) => !ts.isSpreadAssignment(each))) {
    const forward = members.find((member) => isCalled(member, ["forward"]));
    return [...(forward ? keptOf(forward) : []), backward];
  }
  const { line } = source.getLineAndCharacterOfPosition(maker.getStart());
  throw new Error(
    `${source.fileName}:${line + 1}: expected ${maker.text}({ …, backward }), a record written out, to leave out backward`,
  );
}

function isCalled({ name }, names) {
  return name && ts.isIdentifier(name) && names.includes(name.text);
}

/** The members of what a `forward` returns that only the graph reads, where it is written out. */
function keptOf(forward) {
  const members = [];
  const visit = (node) => {
    if (ts.isFunctionLike(node)) return;
    if (
      ts.isReturnStatement(node) &&
      node.expression &&
      ts.isObjectLiteralExpression(node.expression)
    )
      members.push(...node.expression.properties.filter((member) => isCalled(member, KEPT)));
    ts.forEachChild(node, visit);
  };
  if (forward.body) visit(forward.body);
  return members;
}
