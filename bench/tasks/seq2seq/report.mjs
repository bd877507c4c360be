import { beamSearch, onlyTrees } from "hiddenstate/decode";
import { bleu, bracketReport, bracketScores, distinctN } from "hiddenstate/metrics";
import { delinearizeTree } from "hiddenstate/text";

/** Prints how good a model is on a part of the data, and its first answers. */
export async function report(name, model, pairs) {
  if (!model) return;
  await reportScores(name, model, pairs);
  tell(pairs.slice(0, 5), answersOf(model, pairs.slice(0, 5)));
}

async function reportScores(name, model, pairs) {
  const { scores, details } = await model.evaluate(pairs, { beams: 5 });
  console.log(name, JSON.stringify({ ...scores, ...details }));
}

function answersOf(model, pairs, options) {
  return model.predictBatch(
    pairs.map(({ source }) => source),
    options,
  );
}

function tell(pairs, answers) {
  pairs.forEach(({ source, target }, i) =>
    console.log(`${source}\n  = ${target}\n  > ${answers[i].text}`),
  );
}

/** Translations of texts that are tokens already: BLEU over those tokens too, as published figures count it. */
export async function reportTranslations(name, model, pairs) {
  if (!model) return;
  await reportScores(name, model, pairs);
  const answers = answersOf(model, pairs, { beams: 5 });
  const { score, signature } = bleu(
    answers.map(({ text }) => text),
    pairs.map(({ target }) => [target]),
    { tokenize: "none" },
  );
  console.log(`${name}: BLEU ${score.toFixed(2)} ${signature}`);
  tell(pairs.slice(0, 5), answers);
}

/** Replies printed. */
const TOLD = 20;

/**
 * How probable right replies are, how much of what is replied is said anew, and some of it. A model that reads nothing
 * replies always alike: it has its perplexity only.
 */
export async function reportReplies(name, model, pairs) {
  if (!model) return;
  const { scores, details } = await model.evaluate(pairs, { beams: 1 });
  const { perplexity, loss } = scores;
  console.log(
    `${name}: perplexity ${perplexity.toFixed(2)} (${loss.toFixed(4)} nats) of ${details.tokens} tokens in ${pairs.length} replies, end marks among them`,
  );
  if (pairs[0].said !== undefined) return;
  for (const beams of [1, 5]) {
    const texts = answersOf(model, pairs, { beams }).map(({ text }) => text);
    const [one, two] = [1, 2].map((n) => distinctN(texts, n).toFixed(4));
    console.log(
      `${beams === 1 ? "greedy" : `${beams} beams`}: distinct-1 ${one}, distinct-2 ${two}`,
    );
  }
  const right = pairs.map(({ target }) => target);
  console.log(`the right replies: distinct-2 ${distinctN(right, 2).toFixed(4)}`);
  // Every so many, so that they are of different dialogues.
  const every = Math.floor(pairs.length / TOLD);
  const some = Array.from({ length: TOLD }, (_, i) => pairs[i * every]);
  tell(some, answersOf(model, some));
}

/** What came through the vector, greedily; nothing of a text is given while it is written. */
export async function reportRecreations(name, model, pairs) {
  if (!model) return;
  const answers = answersOf(model, pairs, { beams: 1 });
  const all = pairs.map(({ target }, i) => ({
    right: target.split(" "),
    written: answers[i].text.split(" "),
  }));
  for (const most of [8, 12, Infinity]) {
    const some = all.filter(({ right }) => right.length <= most);
    const exact = some.filter(({ right, written }) => right.join(" ") === written.join(" "));
    const words = some.reduce((sum, { right }) => sum + right.length, 0);
    const inPlace = some.reduce(
      (sum, { right, written }) => sum + right.filter((word, i) => word === written[i]).length,
      0,
    );
    console.log(
      `${name}, ${most === Infinity ? "all" : `up to ${most} words`}: ${some.length} texts, exactly ${percent(exact.length / some.length)}, ` +
        `words right at their place ${percent(inPlace / words)}`,
    );
  }
  tell(pairs.slice(0, 5), answers);
}

/** The longest sentences of each class of lengths. */
const LENGTHS = [10, 20, 30, 40, Infinity];

/**
 * Brackets as EVALB counts them, of all sentences and by their lengths: of what the model writes, repaired where it is no
 * tree, and of the trees alone among what it may write.
 */
export async function reportParses(name, model, pairs) {
  if (!model) return;
  await reportScores(name, model, pairs);
  const answers = answersOf(model, pairs);
  console.log("\nAs it writes:");
  reportBrackets(
    answers.map(({ text }) => text),
    pairs,
  );
  console.log("\nOnly trees over the sentence's words:");
  reportBrackets(treesOf(model, pairs), pairs);
  tell(pairs.slice(0, 5), answers);
}

function reportBrackets(texts, pairs) {
  const parsed = texts.map((text, i) =>
    delinearizeTree(text.split(" "), pairs[i].source.split(" "), pairs[i].tags),
  );
  const repaired = parsed.filter(({ malformed }) => malformed);
  console.log(`no trees before they were repaired: ${repaired.length} of ${pairs.length}`);
  const trees = parsed.map(({ tree }) => tree);
  const gold = pairs.map(({ tree }) => tree);
  console.log(bracketReport(bracketScores(trees, gold)));
  let least = 0;
  for (const most of LENGTHS) {
    const places = [...pairs.keys()].filter((i) => {
      const { length } = pairs[i].tags;
      return length > least && length <= most;
    });
    const { f1 } = bracketScores(
      places.map((i) => trees[i]),
      places.map((i) => gold[i]),
    );
    console.log(`${least + 1} to ${most} words, ${places.length} sentences: F1 ${f1.toFixed(4)}`);
    least = most;
  }
}

/** A search of the model's own kind, over trees alone. */
function treesOf(model, pairs) {
  const { source, target, options } = model;
  const { size, end, unknown } = target;
  const tokens = target.tokens(Array.from({ length: size }, (_, id) => id));
  const beams = 5;
  return pairs.map(({ source: sentence, tags }) => {
    const decoder = model.decoder([sentence], { capacity: beams });
    const [[best]] = beamSearch(onlyTrees(decoder, { tokens, end, words: [tags.length] }), {
      ...{
        beams,
        prompt: end,
        endToken: end,
        lengthPenalty: "average",
        earlyStopping: "heuristic",
      },
      ...(unknown !== undefined && { excluded: [unknown] }),
      maxLength: Math.ceil(options.lengthRatio * (source.encode(sentence).length + 10)),
    });
    decoder.dispose();
    return target.text(best.ids.filter((id) => id !== end));
  });
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
