// jest as docs/typescript-and-tests.md sets it up: CommonJS by Babel with jsdom, and ECMAScript modules.
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../package-entries.mjs";
import { execute, TIMEOUT } from "./execute.mjs";
import { attempt } from "./rows.mjs";

const PACKAGES = {
  jest: "30.5.2",
  "jest-environment-jsdom": "30.5.2",
  "babel-jest": "30.5.2",
  "@babel/preset-env": "7.29.14",
};

export const jest = {
  name: "jest",
  extra: true,
  async *rows(application) {
    const { name } = this;
    const version = PACKAGES.jest;
    const folder = application.fresh("jest", PACKAGES);
    const run = (flags) =>
      attempt({ name, version, place: flags.place, example: true }, () => {
        const args = [...flags.node, "node_modules/jest/bin/jest.js"];
        execute(process.execPath, args, folder, { timeout: TIMEOUT });
        return {};
      });
    cpSync(join(root, "test/deployment/jest"), folder, { recursive: true });
    yield run({ place: "CommonJS, jsdom", node: [] });
    rmSync(join(folder, "jest.config.cjs"));
    rmSync(join(folder, "babel.config.cjs"));
    // Modules as they are, in jsdom too.
    writeFileSync(
      join(folder, "jest.config.mjs"),
      'export default { transform: {}, setupFiles: ["./text-coding.js"] };\n',
    );
    yield run({ place: "modules, jsdom", node: ["--experimental-vm-modules"] });
  },
};
