// What TypeDoc does not do by itself: modules by their import paths, options with their texts where a function takes them,
// guides by their titles, links of the README to the pages beside it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Comment, Converter, ParameterReflection, ReflectionFlag, ReflectionKind } from "typedoc";
import { entries, root } from "./package-entries.mjs";

/** As TypeDoc names a module without a comment that names it: `index`, `nn`, `platform/browser`. */
const moduleOf = (source) => source.replace(/^src\//, "").replace(/(?<=.)(\/index)?\.ts$/, "");
const namesOfModules = new Map(entries.map(({ name, source }) => [moduleOf(source), name]));

/** The README's links lead to files of the published package. */
const PUBLISHED = /https:\/\/unpkg\.com\/hiddenstate\/(([\w./-]+)(?:#[\w-]+)?)/g;

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => nameByTitle(document));
  // Before comments are attached to parameters by their names.
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getChildrenByKind(ReflectionKind.Module))
      module.name = namesOfModules.get(module.name) ?? module.name;
    for (const reflection of Object.values(project.reflections)) {
      if (isTakenApart(reflection)) nameOptions(reflection);
      if (isOptions(reflection)) showWhereTaken(reflection);
      if (isFunction(reflection)) showAsFunction(project, reflection);
    }
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    // The title stands above it anyway.
    const [first] = project.readme;
    first.text = first.text.replace(/^# .+\n/, "");
    project.readme = project.readme.flatMap((part) =>
      part.kind === "text" ? withLocalLinks(project, part.text) : [part],
    );
  });
}

function isTakenApart({ kind, name }) {
  return kind === ReflectionKind.Parameter && ["__namedParameters", "options"].includes(name);
}

/** A parameter taken apart: what `@param strict` says is said of `options.strict`. */
function nameOptions(parameter) {
  parameter.name = "options";
  const signature = parameter.parent;
  const comment = signature.comment ?? signature.parent?.comment;
  const names = signature.parameters.map(({ name }) => name);
  for (const tag of comment?.getTags("@param") ?? [])
    if (tag.name && !tag.name.includes(".") && !names.includes(tag.name))
      tag.name = `options.${tag.name}`;
}

function isOptions(reflection) {
  return (
    reflection.kindOf(ReflectionKind.Interface | ReflectionKind.TypeAlias) &&
    reflection.name.endsWith("Options")
  );
}

function showWhereTaken(reflection) {
  reflection.comment ??= new Comment();
  reflection.comment.modifierTags.add("@expand");
}

/** A constant whose value is a function: an operation that `defineOp` made. */
function isFunction({ kind, type }) {
  return (
    kind === ReflectionKind.Variable &&
    type?.type === "reflection" &&
    type.declaration.signatures !== undefined
  );
}

function showAsFunction(project, reflection) {
  reflection.kind = ReflectionKind.Function;
  reflection.signatures = reflection.type.declaration.signatures;
  for (const signature of reflection.signatures) {
    signature.parent = reflection;
    signature.name = reflection.name;
    signature.comment = reflection.comment?.clone();
    const [{ type }] = signature.parameters;
    if (type.type === "tuple" && type.elements.every(({ name }) => name))
      signature.parameters = type.elements.map((each) => parameterOf(project, signature, each));
  }
  delete reflection.comment;
  delete reflection.type;
  delete reflection.defaultValue;
}

/** A parameter of `(...args: [x: Tensor, bias?: Tensor])`. */
function parameterOf(project, signature, { name, element, isOptional }) {
  const parameter = new ParameterReflection(name, ReflectionKind.Parameter, signature);
  parameter.type = element;
  parameter.setFlag(ReflectionFlag.Optional, isOptional);
  project.registerReflection(parameter, undefined, undefined);
  return parameter;
}

/** A page has the name of its heading. */
function nameByTitle(document) {
  const [, title] = /^# (.+)\n/.exec(document.content[0].text) ?? [];
  if (!title) throw new Error(`${document.name}: expected a page that begins with "# Title"`);
  document.name = title;
}

function withLocalLinks(project, text) {
  const parts = [];
  let end = 0;
  for (const { 0: url, 1: link, 2: path, index } of text.matchAll(PUBLISHED)) {
    if (!existsSync(join(root, path))) throw new Error(`${url}: no such file`);
    const { target, anchor } = project.files.register(join(root, "README.md"), link);
    parts.push({ kind: "text", text: text.slice(end, index) });
    parts.push({ kind: "relative-link", text: path, target, targetAnchor: anchor });
    end = index + url.length;
  }
  return [...parts, { kind: "text", text: text.slice(end) }];
}
