// Few rules, all kept: what TypeScript itself does not catch, and what keeps the library the same
// on every engine.
import js from "@eslint/js";
import { builtinModules } from "node:module";
import ts from "typescript-eslint";

const INEXACT = [
  ...["acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp"],
  ...["expm1", "hypot", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh"],
];
const BEYOND_EVERY_RUNTIME = [
  ...["window", "self", "document", "navigator", "location", "localStorage", "indexedDB", "fetch"],
  ...["Worker", "process", "Buffer", "require", "__dirname", "__filename", "crypto"],
];
const inexactMath = INEXACT.map((property) => ({
  object: "Math",
  property,
  message: "Engines differ in its last bit: use a kernel.",
}));
const power = {
  selector: ":matches(BinaryExpression[operator='**'], AssignmentExpression[operator='**='])",
  message: "Engines differ in its last bit: multiply, or use a kernel.",
};
const randomness = {
  object: "Math",
  property: "random",
  message: "Use the library's generator: runs must be reproducible.",
};
const clocks = ["Date", "performance"].map((object) => ({
  object,
  property: "now",
  message: "Edge runtimes freeze the clock: count steps.",
}));

export default ts.config(
  { ignores: ["build/", "dist/", ".cache/", "docs/api/", "assembly/", "src/wasm/generated/"] },
  js.configs.recommended,
  ts.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      // `checkArguments` counts what was given: rest parameters would stand in every signature.
      "prefer-rest-params": "off",
      "no-console": "error",
      "prefer-const": "error",
      // TypeScript knows every name; eslint knows no runtime's globals.
      "no-undef": "off",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
    },
  },
  {
    // A `!` says that a value is there though its type does not: one that says nothing is noise.
    files: ["src/**/*.ts", "test/**/*.ts"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: { "@typescript-eslint/no-unnecessary-type-assertion": "error" },
  },
  {
    files: ["src/**"],
    rules: {
      "no-restricted-properties": ["error", ...inexactMath, randomness, ...clocks],
      "no-restricted-syntax": [
        "error",
        power,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: "Edge runtimes freeze the clock: count steps.",
        },
        {
          selector: "MetaProperty[meta.name='import']",
          message: "import.meta.url is undefined in workerd.",
        },
      ],
      "no-restricted-globals": ["error", ...BEYOND_EVERY_RUNTIME],
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: `^(node:|(${builtinModules.join("|")})$)`, message: "Node only." }] },
      ],
    },
  },
  {
    // A platform's own code, and what only people look at.
    files: ["src/platform/**", "src/cli/**"],
    rules: {
      "no-restricted-globals": "off",
      "no-restricted-imports": "off",
      "no-restricted-properties": ["error", ...inexactMath, randomness],
      "no-restricted-syntax": ["error", power],
    },
  },
  {
    files: [
      ...["src/cli/**", "scripts/**", "bench/**", "examples/**"],
      ...["test/runtimes/**", "test/deployment/**"],
    ],
    rules: { "no-console": "off" },
  },
);
