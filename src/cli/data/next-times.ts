// The times behind those of a series, where they can be told.
const DAY = 24 * 60 * 60 * 1000;

/**
 * The next times of a series: numbers go on by their last difference, dates by months or days as they did; of anything else
 * `+1`, `+2`, ….
 */
export function nextTimes(times: readonly string[], count: number): string[] {
  const ahead = Array.from({ length: count }, (_, i) => i + 1);
  const [before, last] = [times.at(-2), times.at(-1)];
  if (before === undefined || last === undefined) return ahead.map((step) => `+${step}`);
  const numbers = [before, last].map((time) => (time.trim() === "" ? NaN : Number(time)));
  const [one, two] = numbers as [number, number];
  // Fifteen digits, so that tenths stay tenths.
  if (Number.isFinite(one) && Number.isFinite(two))
    return ahead.map((step) => String(Number((two + step * (two - one)).toPrecision(12))));
  const [from, to] = [before, last].map(dateOf);
  if (!from || !to) return ahead.map((step) => `+${step}`);
  const months = monthsBetween(from.date, to.date);
  return ahead.map((step) => {
    const date = new Date(to.date);
    if (months > 0) date.setUTCMonth(date.getUTCMonth() + months * step);
    else date.setTime(date.getTime() + step * (to.date.getTime() - from.date.getTime()));
    return to.write(date);
  });
}

/** `2024-03`, `2024-03-01`, `2024-03-01 12:00`, with a T or seconds too. */
const DATE = /^(\d{4})-(\d\d)(?:-(\d\d)(?:([ T])(\d\d):(\d\d)(?::(\d\d))?(Z?))?)?$/;

function dateOf(text: string): { date: Date; write: (date: Date) => string } | undefined {
  const found = DATE.exec(text.trim());
  if (!found) return undefined;
  const [, year, month, day, mark, hour, minute, second, zone = ""] = found;
  const parts = [year, month, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0].map(Number);
  const [y, m, ...rest] = parts as [number, number, number, number, number, number];
  const date = new Date(Date.UTC(y, m - 1, ...rest));
  const length = day === undefined ? 7 : hour === undefined ? 10 : second === undefined ? 16 : 19;
  return {
    date,
    write: (one) =>
      one
        .toISOString()
        .slice(0, length)
        .replace("T", mark ?? "T") + zone,
  };
}

/** Whole months between dates of the same day and hour, if that is what lies between them; else 0. */
function monthsBetween(from: Date, to: Date): number {
  if (from.getUTCDate() !== to.getUTCDate() || to.getTime() - from.getTime() < 27 * DAY) return 0;
  const months =
    (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  const moved = new Date(from);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  return moved.getTime() === to.getTime() ? months : 0;
}

/** Whether a time stands behind another, where that can be told. */
export function isBehind(time: string, before: string): boolean {
  const [one, other] = [time, before].map((text) => dateOf(text)?.date.getTime() ?? Number(text));
  return !(one! <= other!);
}
