// A conversation with a model: it answers each line, and the turns before it where it has learnt to.
import { pickOptions, text, whole, type OptionTable } from "../../core/options.js";
import { SEARCH_OPTIONS } from "../../models/seq2seq/search-options.js";
import type { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import type { Given, TaskDefinition } from "../task.js";

const SEPARATOR = "<sep>";

export const chat: NonNullable<TaskDefinition<unknown, Seq2Seq>["chat"]> = {
  options: {
    turns: whole(1, 1, "turns that the model reads, the last ones; 1: what was said last alone"),
    separator: text(SEPARATOR, "what stands between turns, as in the sources that it learnt from"),
    ...(SEARCH_OPTIONS as OptionTable),
  },
  begin(model: Seq2Seq, { turns = 1, separator = SEPARATOR, ...given }: Given) {
    let history: string[] = [];
    const options = pickOptions(SEARCH_OPTIONS, given);
    return (said) => {
      if (said === undefined) {
        history = [];
        return "";
      }
      history = [...history, said].slice(-(turns as number));
      const { text } = model.predict(history.join(` ${separator as string} `), options);
      history.push(text);
      return text;
    };
  },
};
