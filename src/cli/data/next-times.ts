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
  if (months > 0) return ahead.map((step) => to.write(monthsOn(to.date, months * step)));
  if (areWorkdays(times)) return workdaysAfter(to.date, count).map(to.write);
  const apart = to.date.getTime() - from.date.getTime();
  return ahead.map((step) => to.write(new Date(to.date.getTime() + step * apart)));
}

/** Days that tell whether weekends are left out. */
const A_WEEK = 6;

function areWorkdays(times: readonly string[]): boolean {
  const days = times.slice(-2 * A_WEEK).map((time) => dateOf(time)?.date);
  return (
    days.length > A_WEEK &&
    days.every((date, i) => {
      const before = days[i - 1];
      const apart = date && before ? (date.getTime() - before.getTime()) / DAY : 1;
      return date !== undefined && isWorkday(date) && apart >= 1 && apart <= 4;
    }) &&
    days.some((date, i) => i > 0 && date!.getTime() - days[i - 1]!.getTime() === DAY)
  );
}

const isWorkday = (date: Date): boolean => date.getUTCDay() % 6 !== 0;

function workdaysAfter(last: Date, count: number): Date[] {
  const days: Date[] = [];
  for (let date = last; days.length < count;) {
    date = new Date(date.getTime() + DAY);
    if (isWorkday(date)) days.push(date);
  }
  return days;
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

/** The last day of the month of a date stays the last. */
function monthsOn(date: Date, months: number): Date {
  const lastOf = (year: number, month: number) =>
    new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const last = lastOf(year, month + months);
  const moved = new Date(date);
  moved.setUTCDate(1);
  moved.setUTCMonth(month + months);
  moved.setUTCDate(day === lastOf(year, month) ? last : Math.min(day, last));
  return moved;
}

/** Whole months between dates, if that is what lies between them; else 0. */
function monthsBetween(from: Date, to: Date): number {
  if (to.getTime() - from.getTime() < 27 * DAY) return 0;
  const months =
    (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return monthsOn(from, months).getTime() === to.getTime() ? months : 0;
}

/** Whether a time stands behind another, where that can be told. */
export function isBehind(time: string, before: string): boolean {
  const [one, other] = [time, before].map((text) => dateOf(text)?.date.getTime() ?? Number(text));
  return !(one! <= other!);
}

/** Where times cannot be told, or do not follow each other as most do. */
export function notesOnTimes(times: readonly string[]): string[] {
  if (times.length < 3) return [];
  const odd = times.find(
    (time) => !dateOf(time) && !(time.trim() !== "" && Number.isFinite(Number(time))),
  );
  if (odd !== undefined)
    return [
      `times such as "${odd}" are not read (2024-03-01 and numbers are): rows are taken in the order of the file.`,
    ];
  const follows = (i: number) => {
    const [next] = nextTimes(times.slice(Math.max(0, i - 14), i), 1);
    return next === times[i] || Number(next) === Number(times[i]);
  };
  const jumps = times.flatMap((_, i) => (i >= 2 && !follows(i) ? [i] : []));
  // A jump breaks what follows from two steps, too.
  if (jumps.length === 0 || jumps.length > times.length / 4) return [];
  const first = jumps[0]!;
  return [
    `the times jump, first from ${times[first - 1]!} to ${times[first]!}: a row is a step, so seasons shift there. Give the missing rows, with empty values.`,
  ];
}

/** What repeats itself after some steps, as times tell: a year of months, a week of days. */
export function notesOnSeason(times: readonly string[]): string[] {
  const dates = times.map((time) => dateOf(time)?.date);
  const apart = (is: (from: Date, to: Date) => boolean) =>
    dates.every((date, i) => i === 0 || (date && dates[i - 1] && is(dates[i - 1]!, date)));
  const seasons = [
    { named: "months", season: 12, is: (from: Date, to: Date) => monthsBetween(from, to) === 1 },
    { named: "quarters", season: 4, is: (from: Date, to: Date) => monthsBetween(from, to) === 3 },
    {
      named: "days",
      season: 7,
      is: (from: Date, to: Date) => to.getTime() - from.getTime() === DAY,
    },
  ];
  const found = seasons.find(
    // Two seasons, or nothing shows that they are alike.
    ({ season, is }) => times.length >= 2 * season && apart(is),
  );
  if (!found) return [];
  return [
    `the steps are ${found.named}, and no --season is given: if they repeat after ${found.season}, say --season ${found.season}.`,
  ];
}
