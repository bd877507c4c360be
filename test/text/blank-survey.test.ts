import { expect, test } from "vitest";
import { BlankSurvey, CharacterSurvey, charactersOrPieces } from "../../src/text/blank-survey.js";
import { TOKENS_BY_THE_TEXT, TokenCounter } from "../../src/text/tokens.js";

function withoutBlanks(...texts: string[]): boolean {
  const survey = new BlankSurvey();
  for (const text of texts) survey.see(text);
  return survey.withoutBlanks;
}

test.each([
  ["Chinese", "我喜欢这部电影,非常好看!", true],
  ["Chinese with blanks between words", "我 喜欢 这 部 电影 , 非常 好看 !", false],
  ["Japanese with a blank between sentences", "この映画は面白い。 また見たい。", true],
  ["Thai with blanks between clauses", "ผมชอบหนังเรื่องนี้มาก แต่เธอไม่ชอบเลย", true],
  ["Thai with blanks between words", "ผม ชอบ หนัง เรื่อง นี้ มาก", false],
  ["English that names something Chinese", "The film 电影 was shown in the city", false],
  ["nothing", "", false],
])("%s", (_, text, expected) => expect(withoutBlanks(text)).toBe(expected));

test("sentences that are cut into characters are told from those cut into words", () => {
  const ofCharacters = (...sentences: string[]) => {
    const survey = new CharacterSurvey();
    for (const sentence of sentences) survey.see(sentence.split(" "));
    return survey.ofCharacters;
  };
  expect(ofCharacters("我 在 北 京 上 学 。", "他 用 P C")).toBe(true);
  expect(ofCharacters("我 在 北京 。")).toBe(false);
  expect(ofCharacters("a b c")).toBe(false);
});

test("a line that is cut into characters already is left as it is", () => {
  expect(charactersOrPieces("我在 2019年")).toEqual([..."我在2019年"]);
  expect(charactersOrPieces("我 在 2019 年")).toEqual(["我", "在", "2019", "年"]);
  expect(charactersOrPieces("")).toEqual([]);
});

test("texts without blanks become characters, where nothing else is asked for", () => {
  const counter = (given: object) => {
    const counter = new TokenCounter("op", given, TOKENS_BY_THE_TEXT);
    counter.add("我喜欢电影");
    return counter;
  };
  expect(counter({}).chosen).toEqual({ tokens: "characters" });
  expect(counter({}).openTokenizer.encode("我x")).toHaveLength(2);
  for (const given of [{ tokens: "words" }, { minCount: 1 }] as const) {
    expect(counter(given).chosen).toEqual({});
    expect(counter(given).tokenizer.encode("我喜欢电影")).toHaveLength(1);
  }
});
