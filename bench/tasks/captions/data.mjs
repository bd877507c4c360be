// Pictures made of pictures: scenes of two to four pieces of clothing (Fashion-MNIST) with what stands where, and strips of two to
// five handwritten digits (MNIST) with what they read. A generator of their own draws them: every run has the same.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const SIZE = 28;
/** Of the training images, the last so many are in the validation part's pictures alone. */
const VALID = 5000;

/** Numbers from 0 to 1 (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** The images of each class, part by part. */
function classesOf(folder) {
  const idx = (name) => {
    const bytes = gunzipSync(readFileSync(join(folder, `${name}.gz`)));
    return bytes.subarray(4 + 4 * bytes[3]);
  };
  const read = (name) => [idx(`${name}-images-idx3-ubyte`), idx(`${name}-labels-idx1-ubyte`)];
  const [[images, labels], [testImages, testLabels]] = [read("train"), read("t10k")];
  const part = (pixels, of, from, to) => {
    const classes = Array.from({ length: 10 }, () => []);
    for (let i = from; i < to; i++)
      classes[of[i]].push(pixels.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE));
    return classes;
  };
  const split = labels.length - VALID;
  return {
    train: part(images, labels, 0, split),
    valid: part(images, labels, split, labels.length),
    test: part(testImages, testLabels, 0, testLabels.length),
  };
}

function paste(canvas, width, image, x, y) {
  for (let row = 0; row < SIZE; row++)
    canvas.set(image.subarray(row * SIZE, (row + 1) * SIZE), (y + row) * width + x);
}

export const KINDS = [
  ...["t-shirt", "trouser", "pullover", "dress", "coat"],
  ...["sandal", "shirt", "sneaker", "bag", "boot"],
];
/** Those that no small network takes for each other. */
export const SEPARABLE = ["trouser", "pullover", "sandal", "bag", "boot"];
export const PLACES = ["top left", "top right", "bottom left", "bottom right"];
export const NUMBERS = ["", "a", "two", "three", "four"];
/** A side of a scene, and of one of its four places, in which a picture moves by up to four pixels. */
export const [SCENE, CELL] = [64, 32];

const plural = (kind) => (kind === "dress" ? "dresses" : `${kind}s`);

/** `three things : a bag at the top left , two boots at the top right and the bottom left` */
export function sceneText(things) {
  const groups = new Map();
  for (const { kind, place } of things)
    groups.set(kind, [...(groups.get(kind) ?? []), PLACES[place]]);
  const parts = Array.from(groups, ([kind, places]) => {
    const noun = places.length > 1 ? plural(kind) : kind;
    return `${NUMBERS[places.length]} ${noun} at ${places.map((one) => `the ${one}`).join(" and ")}`;
  });
  return `${NUMBERS[things.length]} things : ${parts.join(" , ")}`;
}

/** What a caption says: its number, and which kind stands at which place. */
export function readScene(text) {
  const [head, tail = ""] = text.split(" things : ");
  const kinds = new Map();
  for (const part of tail.split(" , ")) {
    const [, noun] = part.split(" ");
    const kind = KINDS.find((one) => noun === one || noun === plural(one));
    PLACES.forEach((name, place) => part.includes(`the ${name}`) && kinds.set(place, kind));
  }
  return { number: NUMBERS.indexOf(head), kinds };
}

/** Which part a combination of kinds and places belongs to: what is tested was never seen together in training. */
function partOf(combination) {
  let hash = 0x811c9dc5;
  for (const char of combination) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  const share = ((hash ^ (hash >>> 15)) >>> 0) % 10;
  return share < 2 ? "test" : share < 3 ? "valid" : "train";
}

const COUNTS = { train: 36_000, valid: 1000, test: 2000 };

/** Scenes of some kinds, of two to four things. */
export function readScenes(folder, kinds = KINDS) {
  const classes = classesOf(folder);
  const numbers = kinds.map((kind) => KINDS.indexOf(kind));
  const make = (part, seed) => {
    const random = generator(seed);
    const below = (n) => Math.floor(n * random());
    const scenes = [];
    while (scenes.length < COUNTS[part]) {
      const count = 2 + below(3);
      const free = [0, 1, 2, 3];
      const places = Array.from({ length: count }, () => free.splice(below(free.length), 1)[0]);
      const things = places
        .sort()
        .map((place) => ({ place, number: numbers[below(numbers.length)] }))
        .map(({ place, number }) => ({ place, number, kind: KINDS[number] }));
      if (partOf(things.map(({ place, kind }) => `${place}${kind}`).join(" ")) !== part) continue;
      const data = new Uint8Array(SCENE * SCENE);
      for (const { place, number } of things) {
        const own = classes[part][number];
        const [x, y] = [CELL * (place % 2) + below(5), CELL * (place >> 1) + below(5)];
        paste(data, SCENE, own[below(own.length)], x, y);
      }
      const image = { data, width: SCENE, height: SCENE };
      scenes.push({ image, text: sceneText(things), things });
    }
    return scenes;
  };
  return { train: make("train", 1), valid: make("valid", 2), test: make("test", 3) };
}

const STRIPS = { train: 40_000, valid: 1000, test: 2000 };

/** Strips of two to five digits. */
export function readStrips(folder) {
  const classes = classesOf(join(folder, "mnist"));
  const make = (part, seed) => {
    const random = generator(seed);
    const below = (n) => Math.floor(n * random());
    return Array.from({ length: STRIPS[part] }, () => {
      const digits = Array.from({ length: 2 + below(4) }, () => below(10));
      const width = SIZE * digits.length;
      const data = new Uint8Array(SIZE * width);
      digits.forEach((digit, i) => {
        const own = classes[part][digit];
        paste(data, width, own[below(own.length)], SIZE * i, 0);
      });
      return { image: { data, width, height: SIZE }, text: digits.join("") };
    });
  };
  return { train: make("train", 1), valid: make("valid", 2), test: make("test", 3) };
}
