// The program of the page of forecastPage: it runs in the reader's browser, and reads what stands in the page's #data. It is a text, as
// bundlers would rename what a function names.
export const FORECAST_SCRIPT = String.raw`"use strict";
const { series, interval } = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const chart = byId("chart"), tip = byId("tip"), select = byId("series"), range = byId("steps");
// Of more steps the last are shown at first.
const AT_FIRST = 400;
let one, last, first, hovered = -1, box;

const escaped = (text) => text.replace(/[&<>"]/g, (char) => "&#" + char.charCodeAt(0) + ";");
const endOf = ({ from, point }) => from + point.length;
const timeOf = (step) => one.times[step] ?? (one.times.length ? "+" + (step - one.times.length + 1) : String(step));
const isKnown = (value) => typeof value === "number";
function number(value) {
  const digits = Math.abs(value) >= 1e4 ? 0 : Math.abs(value) >= 100 ? 1 : 3;
  return Number(Math.abs(value) < 1 ? value.toPrecision(3) : value.toFixed(digits)).toLocaleString("en");
}
// 1, 2 or 5 times a power of ten.
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= least * 0.999999);
}

// Marks of the time axis: where a year, month, day or hour begins, every so many; the coarsest of which there are three.
const LEVELS = [
  [4, (t) => Number(t), [1000, 500, 200, 100, 50, 20, 10, 5, 2, 1]],
  [7, (t) => Number(t.slice(5)) - 1, [6, 3, 1]],
  [10, (t) => Number(t.slice(8)) - 1, [15, 5, 1]],
  [13, (t) => Number(t.slice(11)), [12, 6, 3, 1]],
  [16, (t) => Number(t.slice(14)), [30, 15, 5, 1]],
];
function timeTicks(most) {
  const steps = Array.from({ length: last - first }, (_, i) => first + i);
  const times = steps.map(timeOf);
  const dated = one.times.slice(first, last).every((time) => /^\d{4}-\d\d/.test(time)) && one.times.length > 0;
  const thin = (ticks) => ticks.filter((_, i) => i % Math.ceil(ticks.length / most) === 0);
  if (dated) {
    let found = [];
    for (const [length, unit, every] of LEVELS) {
      if (times[0].length < length) break;
      const begins = steps.filter((_, i) => i > 0 && !times[i].startsWith("+") && times[i].slice(0, length) !== times[i - 1].slice(0, length));
      for (const stride of every) {
        const ticks = begins.map((step) => [step, timeOf(step).slice(0, length)]).filter(([, label]) => unit(label) % stride === 0);
        if (ticks.length > most) break;
        if (ticks.length > found.length) found = ticks;
        if (found.length >= 3) return found;
      }
    }
    return found.length ? found : thin(steps.map((step) => [step, timeOf(step)]));
  }
  const numbers = times.map((time) => (time.trim() === "" ? NaN : Number(time)));
  if (times.some((time, i) => !Number.isFinite(numbers[i]) || time.startsWith("+"))) return thin(steps.map((step) => [step, timeOf(step).slice(0, 12)]));
  const each = niceStep(Math.max(1e-9, (numbers.at(-1) - numbers[0]) / most));
  const place = (value) => Math.floor(value / each + 1e-6);
  return steps.filter((_, i) => i > 0 && place(numbers[i]) > place(numbers[i - 1])).map((step) => {
    const at = place(numbers[step - first]) * each;
    return [step, String(Number(at.toPrecision(12)))];
  });
}

function choose() {
  one = series[Number(select.value) || 0];
  last = Math.max(one.values.length, one.forecast ? endOf(one.forecast) : 0, ...one.backtests.map(endOf));
  range.min = Math.min(last, Math.max(10, last - one.values.length + 10));
  range.max = last;
  range.value = Math.min(last, AT_FIRST);
  byId("shown").hidden = last <= 30;
  hovered = -1;
  chart.setAttribute("aria-label", one.name + ": " + one.values.length + " values" + (one.forecast ? ", " + one.forecast.point.length + " steps forecast" : "") + ". Arrow keys go from step to step.");
  draw();
}
function draw() {
  first = last - Number(range.value);
  const width = Math.max(280, chart.clientWidth), height = Math.round(Math.min(520, Math.max(300, width * 0.5)));
  const forecasts = [...one.backtests, ...(one.forecast ? [one.forecast] : [])].filter((each) => endOf(each) > first);
  const seen = one.values.slice(first).filter(isKnown);
  // Ends of intervals of backtests show only where they are pointed at, but have their room.
  for (const each of forecasts) for (const list of [each.point, each.lower, each.upper]) if (list) list.forEach((value, i) => { if (isKnown(value) && each.from + i >= first) seen.push(value); });
  let low = seen.reduce((a, b) => Math.min(a, b), Infinity), high = seen.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(low <= high)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const step = niceStep((high - low) / 5), levels = [];
  low = Math.floor(low / step) * step;
  high = Math.ceil(high / step) * step;
  for (let i = 0; low + i * step <= high + step / 2; i++) levels.push(Number((low + i * step).toPrecision(10)));
  const names = levels.map((level) => level.toLocaleString("en", { maximumFractionDigits: 10 }));
  const left = 18 + 7.6 * Math.max(...names.map((name) => name.length)), right = width - 14, top = 16, bottom = height - 34;
  const x = (at) => left + ((at - first) / Math.max(1, last - 1 - first)) * (right - left);
  const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - top);
  box = { x, y, left, right, top, bottom, width };
  const parts = levels.map((level, i) => '<line class="grid" x1="' + left + '" x2="' + right + '" y1="' + y(level) + '" y2="' + y(level) + '"/><text x="' + (left - 8) + '" y="' + (y(level) + 4) + '" text-anchor="end">' + names[i] + "</text>");
  let taken = -Infinity;
  for (const [at, label] of timeTicks(Math.max(2, Math.floor((right - left) / 76)))) {
    const half = label.length * 3.8, middle = Math.min(width - 4 - half, Math.max(half + 4, x(at)));
    if (middle - half < taken + 8) continue;
    taken = middle + half;
    parts.push('<line class="axis" x1="' + x(at) + '" x2="' + x(at) + '" y1="' + bottom + '" y2="' + (bottom + 5) + '"/><text x="' + middle + '" y="' + (bottom + 21) + '" text-anchor="middle">' + escaped(label) + "</text>");
  }
  parts.push('<line class="axis" x1="' + left + '" x2="' + right + '" y1="' + bottom + '" y2="' + bottom + '"/>');
  parts.push('<defs><clipPath id="inside"><rect x="' + left + '" y="0" width="' + (width - left) + '" height="' + height + '"/></clipPath></defs><g clip-path="url(#inside)">');
  if (one.forecast) parts.push(bandOf(one.forecast, "band"));
  one.backtests.forEach((each) => parts.push('<path class="back" d="' + lineFrom(each) + '"/>'));
  parts.push('<path class="value" d="' + line(one.values, 0) + '"/>');
  if (one.forecast) parts.push('<path class="ahead" d="' + lineFrom(one.forecast) + '"/>');
  parts.push('</g><g id="at" clip-path="url(#inside)"></g>');
  chart.innerHTML = '<svg viewBox="0 0 ' + width + " " + height + '" height="' + height + '">' + parts.join("") + "</svg>";
  point(hovered);
}
const at = (step, value) => box.x(step).toFixed(1) + " " + box.y(value).toFixed(1);
function line(values, from) {
  let d = "", drawing = false;
  values.forEach((value, i) => {
    if (isKnown(value)) d += (drawing ? "L" : "M") + at(from + i, value) + (drawing ? "" : "h0");
    drawing = isKnown(value);
  });
  return d;
}
// From the last value that was known.
function lineFrom({ from, point }) {
  const before = one.values[from - 1];
  return isKnown(before) ? line([before, ...point], from - 1) : line(point, from);
}
function bandOf({ from, lower, upper }, kind) {
  if (!lower || !upper) return "";
  const start = isKnown(one.values[from - 1]) ? ["M" + at(from - 1, one.values[from - 1])] : [];
  const ends = [...start, ...upper.map((value, i) => at(from + i, value)), ...lower.map((value, i) => at(from + i, value)).reverse()];
  return '<path class="' + kind + '" d="' + (start.length ? "" : "M") + ends.join("L") + 'Z"/>';
}

function point(step) {
  const mark = byId("at");
  hovered = step;
  tip.hidden = step < first;
  if (step < first) return void (mark.innerHTML = "");
  const rows = ["<b>" + escaped(timeOf(step)) + "</b>"], dots = [];
  const dot = (kind, value) => dots.push('<circle class="dot-' + kind + '" r="5" cx="' + box.x(step) + '" cy="' + box.y(value) + '"/>');
  if (step < one.values.length) rows.push(isKnown(one.values[step]) ? number(one.values[step]) : "missing");
  if (isKnown(one.values[step])) dot("value", one.values[step]);
  const tell = (each, kind, words) => {
    const i = step - each.from;
    rows.push(words + " " + number(each.point[i]) + (each.lower && each.upper ? "<br>" + escaped(interval) + " " + number(each.lower[i]) + " to " + number(each.upper[i]) : ""));
    dot(kind, each.point[i]);
  };
  const covers = (each) => each.from <= step && step < endOf(each);
  // Of several the latest.
  const back = one.backtests.filter(covers).reduce((a, b) => (a && a.from >= b.from ? a : b), undefined);
  let under = "";
  if (back) {
    under = bandOf(back, "band past") + '<path class="back at" d="' + lineFrom(back) + '"/>';
    const ahead = step - back.from + 1;
    tell(back, "back", "forecast " + ahead + (ahead === 1 ? " step" : " steps") + " before:");
  }
  if (one.forecast && covers(one.forecast)) tell(one.forecast, "ahead", "forecast");
  const x = box.x(step);
  mark.innerHTML = under + '<line class="cross" x1="' + x + '" x2="' + x + '" y1="' + box.top + '" y2="' + box.bottom + '"/>' + dots.join("");
  tip.innerHTML = rows.join("<br>").replace("</b><br>", "</b>");
  const beside = x + 14 + tip.offsetWidth <= box.width ? x + 14 : x - 14 - tip.offsetWidth;
  tip.style.transform = "translate(" + Math.max(4, Math.min(box.width - tip.offsetWidth - 4, beside)) + "px," + (box.top + 4) + "px)";
}
function follow(event) {
  const x = event.clientX - chart.getBoundingClientRect().left;
  const step = Math.round(first + ((x - box.left) / (box.right - box.left)) * Math.max(1, last - 1 - first));
  point(Math.max(first, Math.min(last - 1, step)));
}
chart.addEventListener("pointermove", follow);
chart.addEventListener("pointerdown", follow);
chart.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") point(-1); });
chart.addEventListener("keydown", (event) => {
  const now = hovered < first ? last : hovered;
  const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: first, End: last - 1, Escape: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  point(to < 0 ? -1 : Math.max(first, Math.min(last - 1, to)));
});
select.addEventListener("change", choose);
range.addEventListener("input", draw);
new ResizeObserver(() => { if (box && Math.max(280, chart.clientWidth) !== box.width) draw(); }).observe(chart);

const sample = (kind) => '<svg viewBox="0 0 28 14"><path class="' + kind + '" d="M1 7H27"/></svg>';
const entries = [sample("value") + "measured"];
if (series.some((each) => each.forecast)) {
  entries.push(sample("ahead") + "forecast");
  if (series.some((each) => each.forecast && each.forecast.lower)) entries.push('<svg viewBox="0 0 28 14"><path class="band" d="M0 0H28V14H0Z"/></svg>' + escaped(interval));
}
if (series.some((each) => each.backtests.length)) entries.push(sample("back at") + "forecast before");
byId("legend").innerHTML = entries.map((entry) => "<li>" + entry + "</li>").join("");
choose();`;
