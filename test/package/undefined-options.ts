// Options that programs with `exactOptionalPropertyTypes` cannot give as undefined: every option that may be missing may be undefined.
import ts from "typescript";

/** What is looked at below arguments: options in lists and in options, no deeper. */
const DEEPEST = 4;

/**
 * Options of the functions, classes and methods that declarations export whose types lack `undefined`: `"file: interface.option"`.
 *
 * @param declarations the entries
 * @param folder where the package's own declarations are
 */
export function optionsWithoutUndefined(
  declarations: readonly string[],
  folder: string,
  options: ts.CompilerOptions,
): { looked: number; faults: string[] } {
  const program = ts.createProgram(declarations, { ...options, exactOptionalPropertyTypes: true });
  const checker = program.getTypeChecker();
  const faults = new Set<string>();
  const seen = new Set<ts.Type>();
  let looked = 0;
  const isOwn = ({ declarations: places = [] }: ts.Symbol): boolean =>
    places.some((place) => place.getSourceFile().fileName.startsWith(folder));

  const visitGiven = (type: ts.Type, depth = 0): void => {
    if (depth > DEEPEST || seen.has(type)) return;
    seen.add(type);
    if (type.isUnion()) for (const each of type.types) visitGiven(each, depth);
    const bound = type.isTypeParameter() ? checker.getBaseConstraintOfType(type) : undefined;
    if (bound) visitGiven(bound, depth);
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) return;
    if (checker.isArrayType(type) || checker.isTupleType(type))
      for (const each of checker.getTypeArguments(type as ts.TypeReference))
        visitGiven(each, depth + 1);
    if (type.symbol && type.symbol.flags & ts.SymbolFlags.Class) return;
    for (const option of type.getProperties().filter(isOwn)) {
      const value = checker.getTypeOfSymbol(option);
      visitGiven(value, depth + 1);
      if (!(option.flags & ts.SymbolFlags.Optional)) continue;
      looked++;
      const either = value.isUnion() ? value.types : [value];
      // A missing one has another type than an undefined one.
      const takes = [checker.getUndefinedType(), checker.getUnknownType()];
      if (!either.some((each) => takes.includes(each)))
        faults.add(`${checker.typeToString(type)}.${option.name}`);
    }
  };
  const visitCallable = (value: ts.Symbol): void => {
    const type = checker.getTypeOfSymbol(value);
    for (const { parameters } of [...type.getCallSignatures(), ...type.getConstructSignatures()])
      for (const parameter of parameters) visitGiven(checker.getTypeOfSymbol(parameter));
  };
  for (const file of declarations) {
    const entry = checker.getSymbolAtLocation(program.getSourceFile(file)!)!;
    for (const name of checker.getExportsOfModule(entry)) {
      const isAlias = name.flags & ts.SymbolFlags.Alias;
      const exported = isAlias ? checker.getAliasedSymbol(name) : name;
      if (!(exported.flags & ts.SymbolFlags.Value)) continue;
      visitCallable(exported);
      const members = checker.getTypeOfSymbol(exported).getProperties();
      const methods =
        exported.flags & ts.SymbolFlags.Class
          ? checker.getDeclaredTypeOfSymbol(exported).getProperties()
          : [];
      for (const member of [...members, ...methods].filter(isOwn)) visitCallable(member);
    }
  }
  return { looked, faults: [...faults].sort() };
}
