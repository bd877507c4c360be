// For tests of programs that import the built package: they must not pass, or fail, by an old one.
import { isBuilt } from "../../scripts/sources.mjs";

export default function setup(): void {
  if (isBuilt()) return;
  throw new Error(
    "dist/ was not built from the sources as they are now, and docs and examples run against it. Run: npm run build",
  );
}
