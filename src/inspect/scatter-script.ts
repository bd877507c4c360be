// The program of the page of scatterPage: it runs in the reader's browser, and reads what stands in the page's #data. It is a text, as
// bundlers would rename what a function names.
export const SCRIPT = String.raw`"use strict";
const { x, y, labels, group, groups, light, dark } = JSON.parse(document.getElementById("data").textContent);
const n = x.length;
const byId = (id) => document.getElementById(id);
const map = byId("map"), canvas = byId("canvas"), tip = byId("tip"), search = byId("search"), found = byId("found");
const context = canvas.getContext("2d");
const darkens = matchMedia("(prefers-color-scheme: dark)");
const hidden = new Set();
let width = 0, height = 0, ratio = 1;
// Where (0, 0) of the points is on the screen, and pixels to a unit.
let left = 0, top_ = 0, scale = 1, fitted = 1;
let matches = null, hovered = -1, queued = false;

function colour(g) {
  const list = darkens.matches ? dark : light;
  if (g < list.length) return list[g];
  // Hues by the golden angle, so that neighbours in the list are far apart.
  return "hsl(" + ((g * 137.508) % 360) + " 65% " + (darkens.matches ? 68 : 40) + "%)";
}
function colours() {
  const style = getComputedStyle(document.documentElement);
  return { ink: style.getPropertyValue("--ink").trim(), paper: style.getPropertyValue("--paper").trim() };
}
// Dots are blended into the pixels by hand: several times as fast as drawing each, above all without a graphics card.
const paints = new Map(), masks = new Map(), one = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
function rgb(css) {
  one.canvas.width = one.canvas.height = 1;
  one.fillStyle = css;
  one.fillRect(0, 0, 1, 1);
  return one.getImageData(0, 0, 1, 1).data;
}
function paintOf(g) {
  if (!paints.has(g)) paints.set(g, rgb(colour(g)));
  return paints.get(g);
}
// How much of each pixel a dot covers.
function maskOf(radius) {
  let mask = masks.get(radius);
  if (mask) return mask;
  const r = radius * ratio, half = Math.ceil(r), size = 2 * half + 1, cover = new Float32Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) cover[i * size + j] = Math.max(0, Math.min(1, r + 0.5 - Math.hypot(i - half, j - half)));
  mask = { half, size, cover };
  masks.set(radius, mask);
  return mask;
}
function radiusNow() {
  const base = Math.max(1.8, Math.min(5, 60 / Math.sqrt(n)));
  return Math.round(4 * Math.min(9, base * Math.sqrt(Math.max(1, scale / fitted)) ** 0.7)) / 4;
}
const placeX = (i) => left + x[i] * scale;
const placeY = (i) => top_ - y[i] * scale;
const shows = (i) => !hidden.has(group[i] ?? 0);
const inside = (px, py, margin) => px > -margin && py > -margin && px < width + margin && py < height + margin;

let picture = null;
function dot(i, radius, opacity) {
  const px = placeX(i), py = placeY(i);
  if (!inside(px, py, radius)) return;
  const { half, size, cover } = maskOf(radius), paint = paintOf(group[i] ?? 0);
  const { data, width: columns, height: rows } = picture;
  const x0 = Math.round(px * ratio) - half, y0 = Math.round(py * ratio) - half;
  for (let r = Math.max(0, -y0); r < size && y0 + r < rows; r++)
    for (let c = Math.max(0, -x0); c < size && x0 + c < columns; c++) {
      const share = cover[r * size + c] * opacity;
      if (share === 0) continue;
      const to = 4 * ((y0 + r) * columns + x0 + c);
      data[to] += (paint[0] - data[to]) * share;
      data[to + 1] += (paint[1] - data[to + 1]) * share;
      data[to + 2] += (paint[2] - data[to + 2]) * share;
    }
}
// Labels where there is room, of the first points first.
function drawLabels(candidates, most, font) {
  if (!labels) return;
  const cell = 8, columns = Math.ceil(width / cell) + 1, taken = new Uint8Array(columns * (Math.ceil(height / cell) + 1));
  const { ink, paper } = colours();
  context.font = font + "px system-ui,-apple-system,Segoe UI,Roboto,sans-serif";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = paper;
  context.fillStyle = ink;
  const gap = radiusNow() + 3;
  let drawn = 0;
  for (const i of candidates) {
    if (drawn >= most) break;
    const px = placeX(i), py = placeY(i);
    if (!shows(i) || !inside(px, py, 0)) continue;
    const text = labels[i].length > 40 ? labels[i].slice(0, 39) + "…" : labels[i];
    const from = px + gap, to = from + text.length * font * 0.58;
    if (to > width || !text) continue;
    const [c0, c1] = [Math.floor(from / cell), Math.floor(to / cell)];
    const [r0, r1] = [Math.max(0, Math.floor((py - font / 2) / cell)), Math.floor(Math.min(height, py + font / 2) / cell)];
    let free = true;
    for (let r = r0; r <= r1 && free; r++) for (let c = c0; c <= c1; c++) if (taken[r * columns + c]) { free = false; break; }
    if (!free) continue;
    for (let r = r0; r <= r1; r++) taken.fill(1, r * columns + c0, r * columns + c1 + 1);
    context.strokeText(text, from, py);
    context.fillText(text, from, py);
    drawn++;
  }
}
function draw() {
  queued = false;
  if (!picture) picture = context.createImageData(canvas.width, canvas.height);
  const [red, green, blue] = rgb(colours().paper);
  new Uint32Array(picture.data.buffer).fill(((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
  const radius = radiusNow(), opacity = matches ? 0.15 : n > 3000 ? 0.7 : 0.9;
  for (let i = 0; i < n; i++) if (shows(i)) dot(i, radius, opacity);
  if (matches) for (const i of matches) if (shows(i)) dot(i, radius + 2, 1);
  if (hovered >= 0) dot(hovered, radius + 2, 1);
  context.putImageData(picture, 0, 0);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (matches) drawLabels(matches, 300, 14);
  // Where colours tell much, fewer labels leave them to be seen.
  else drawLabels(everything(), (width * height) / (groups.length > 1 ? 16000 : 5000), 13);
  if (hovered >= 0) {
    context.lineWidth = 2;
    context.strokeStyle = colours().ink;
    context.beginPath();
    context.arc(placeX(hovered), placeY(hovered), radius + 4, 0, 7);
    context.stroke();
  }
}
function* everything() { for (let i = 0; i < n; i++) yield i; }
function redraw() { if (!queued) { queued = true; requestAnimationFrame(draw); } }

function fit(points) {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const i of points) {
    x0 = Math.min(x0, x[i]); x1 = Math.max(x1, x[i]);
    y0 = Math.min(y0, y[i]); y1 = Math.max(y1, y[i]);
  }
  if (x0 > x1) return;
  const margin = Math.min(40, width / 10, height / 10);
  const across = Math.max(x1 - x0, y1 - y0, 1) / 1e5;
  const most = fitted > 0 && points !== all ? fitted * 12 : Infinity;
  scale = Math.min((width - 2 * margin) / Math.max(x1 - x0, across), (height - 2 * margin) / Math.max(y1 - y0, across), most);
  if (points === all) fitted = scale;
  left = width / 2 - ((x0 + x1) / 2) * scale;
  top_ = height / 2 + ((y0 + y1) / 2) * scale;
  hover(-1);
  redraw();
}
const all = Array.from(everything());
function zoom(factor, px, py) {
  const next = Math.max(fitted / 4, Math.min(fitted * 400, scale * factor));
  left = px - ((px - left) * next) / scale;
  top_ = py - ((py - top_) * next) / scale;
  scale = next;
  moveTip();
  redraw();
}
function nearest(px, py, reach) {
  let best = -1, least = reach * reach;
  for (let i = 0; i < n; i++) {
    const dx = placeX(i) - px, dy = placeY(i) - py, d = dx * dx + dy * dy;
    if (d < least && shows(i)) { least = d; best = i; }
  }
  return best;
}
function hover(i) {
  if (i === hovered) return;
  hovered = i;
  tip.hidden = i < 0;
  if (i >= 0) {
    tip.textContent = labels ? labels[i] : "point " + i;
    if (groups.length > 0) {
      const small = document.createElement("small");
      small.textContent = groups[group[i]];
      tip.append(small);
    }
    moveTip();
  }
  redraw();
}
function moveTip() {
  if (hovered < 0) return;
  const px = placeX(hovered), py = placeY(hovered);
  tip.hidden = !inside(px, py, 0);
  const box = tip.getBoundingClientRect();
  const tx = Math.max(4, Math.min(width - box.width - 4, px - box.width / 2));
  const ty = py - box.height - 14 < 4 ? py + 14 : py - box.height - 14;
  tip.style.transform = "translate(" + Math.round(tx) + "px," + Math.round(ty) + "px)";
}
function find() {
  const text = search.value.trim().toLowerCase();
  if (!text || !labels) { matches = null; found.textContent = ""; redraw(); return; }
  const whole = [], some = [];
  for (let i = 0; i < n; i++) {
    const label = labels[i].toLowerCase();
    if (label === text) whole.push(i);
    else if (label.includes(text)) some.push(i);
  }
  matches = whole.concat(some);
  found.textContent = matches.length + " found";
  redraw();
}

const pointers = new Map();
let moved = 0;
const at = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  if (pointers.size === 0) moved = 0;
  pointers.set(event.pointerId, at(event));
  canvas.classList.add("drags");
});
canvas.addEventListener("pointermove", (event) => {
  const here = at(event), before = pointers.get(event.pointerId);
  if (!before) { hover(nearest(here[0], here[1], 28)); return; }
  moved += Math.abs(here[0] - before[0]) + Math.abs(here[1] - before[1]);
  const other = [...pointers].find(([id]) => id !== event.pointerId);
  if (other) {
    // Two fingers: what is between them stays between them.
    const fixed = other[1];
    const apart = (p) => Math.max(12, Math.hypot(p[0] - fixed[0], p[1] - fixed[1]));
    left += (here[0] - before[0]) / 2;
    top_ += (here[1] - before[1]) / 2;
    zoom(apart(here) / apart(before), (here[0] + fixed[0]) / 2, (here[1] + fixed[1]) / 2);
  } else {
    left += here[0] - before[0];
    top_ += here[1] - before[1];
    moveTip();
    redraw();
  }
  pointers.set(event.pointerId, here);
});
for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => {
  const here = at(event);
  if (end === "pointerup" && pointers.size === 1 && moved < 8) hover(nearest(here[0], here[1], event.pointerType === "mouse" ? 28 : 40));
  pointers.delete(event.pointerId);
  if (pointers.size === 0) canvas.classList.remove("drags");
});
canvas.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && pointers.size === 0) hover(-1); });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const lines = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? 400 : 1;
  const step = Math.max(-240, Math.min(240, event.deltaY * lines)) * (event.ctrlKey ? 4 : 1);
  zoom(Math.exp(-step / 400), ...at(event));
}, { passive: false });
canvas.addEventListener("dblclick", (event) => zoom(2, ...at(event)));
canvas.addEventListener("keydown", (event) => {
  const pan = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (pan) { left += pan[0]; top_ += pan[1]; moveTip(); redraw(); }
  else if (event.key === "+" || event.key === "=") zoom(1.5, width / 2, height / 2);
  else if (event.key === "-") zoom(1 / 1.5, width / 2, height / 2);
  else if (event.key === "0") fit(all);
  else return;
  event.preventDefault();
});
byId("closer").addEventListener("click", () => zoom(1.6, width / 2, height / 2));
byId("farther").addEventListener("click", () => zoom(1 / 1.6, width / 2, height / 2));
byId("whole").addEventListener("click", () => fit(all));
search.addEventListener("input", find);
search.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (matches && matches.length > 0) fit(matches);
});
for (const button of document.querySelectorAll("li button")) {
  const g = Number(button.dataset.group);
  button.addEventListener("click", () => {
    if (!hidden.delete(g)) hidden.add(g);
    button.setAttribute("aria-pressed", String(!hidden.has(g)));
    if (hovered >= 0 && !shows(hovered)) hover(-1);
    redraw();
  });
}
function paint() {
  paints.clear();
  masks.clear();
  picture = null;
  for (const swatch of document.querySelectorAll("li i")) swatch.style.background = colour(Number(swatch.parentNode.dataset.group));
  redraw();
}
darkens.addEventListener("change", paint);
new ResizeObserver(() => {
  const first = width === 0, [cx, cy] = [(width / 2 - left) / scale, (height / 2 - top_) / scale];
  width = map.clientWidth;
  height = map.clientHeight;
  ratio = Math.min(3, devicePixelRatio || 1);
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  if (first) fit(all);
  else { left = width / 2 - cx * scale; top_ = height / 2 - cy * scale; }
  paint();
}).observe(map);
`;
