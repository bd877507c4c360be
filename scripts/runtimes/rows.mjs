// What a runtime answered, judged: the plain kernels must end with the same bits everywhere, the relaxed ones near them.

/** How far outputs of the relaxed build may be from the plain one's, after 25 steps of training. */
export const RELAXED_TOLERANCE = 1e-4;

export const BUILDS = ["plain", "auto"];

/** The row of one run; a failure is a row too. */
export async function attempt(label, run) {
  try {
    return { ...label, faults: [], ...(await run()) };
  } catch (error) {
    return { ...label, faults: [firstLines(error)] };
  }
}

function firstLines(error) {
  const lines = String(error.message ?? error).split("\n");
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(0, 6)
    .join(" / ");
}

/** Adds to a row what is wrong with it, compared with the first plain one. */
export function judge(row, reference) {
  const { asked, build, checksum, firstLoss, lastLoss, faults, checks } = row;
  if (!checksum) return;
  if (asked === "plain" && build !== "plain") faults.push(`runs the ${build} build`);
  if (!(lastLoss < 0.5 * firstLoss)) faults.push(`learned little: ${firstLoss} to ${lastLoss}`);
  for (const [name, holds] of Object.entries(checks)) if (!holds) faults.push(`not so: ${name}`);
  row.distance = Math.max(...row.streamed.map((x, i) => Math.abs(x - reference.streamed[i])));
  if (build === "plain" && checksum !== reference.checksum) faults.push("other bits");
  if (!(row.distance <= RELAXED_TOLERANCE)) faults.push("outputs too far from the plain build's");
}
