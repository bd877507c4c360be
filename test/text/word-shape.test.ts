import { expect, it } from "vitest";
import { numWordShapes, wordShape } from "../../src/text/word-shape.js";

it("tells apart how words are written", () => {
  const classes = [
    ["1996", "7"],
    ["1,000.5", "$30", "12-3"],
    ["A", "É"],
    ["U.S.", "D.C."],
    ["EU", "NATO"],
    ["B-52", "AT&T"],
    ["London", "Élan"],
    ["O'Brien", "St.", "Anglo-American"],
    ["McDonald", "iPhone"],
    ["mid90s", "1st"],
    ["re-elect", "don't"],
    [",", "--", "$"],
    ["the", "日本"],
  ];
  const ids = classes.map((words) => new Set(words.map(wordShape)));
  expect(ids.map((each) => each.size)).toEqual(classes.map(() => 1));
  expect(new Set(ids.flatMap((each) => [...each])).size).toBe(classes.length);
  expect(classes.length).toBe(numWordShapes);
});
