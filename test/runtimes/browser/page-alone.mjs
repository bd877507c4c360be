import { run } from "../program.mjs";
import { orError, report } from "./report.mjs";

report(async (build) => ({ page: await orError(() => run(build)) }));
