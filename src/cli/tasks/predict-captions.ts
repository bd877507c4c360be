// `hiddenstate predict` with a model that describes pictures.
import { captionFigure } from "../../inspect/caption-figure.js";
import type { ImageLike } from "../../data/images.js";
import type { Captioner } from "../../models/captioner/captioner.js";
import type { CaptionPrediction } from "../../models/captioner/example.js";
import { CAPTION_PREDICT_OPTIONS, CAPTION_SEARCH_OPTIONS } from "../../models/captioner/options.js";
import { readPictureFile } from "../data/picture-file.js";
import type { Prediction } from "../task.js";
import { predictWritten } from "./predict-written.js";
import { shownTokens } from "./shown-tokens.js";

export const predictCaptions: Prediction<Captioner> = {
  ...predictWritten<Captioner, ImageLike, CaptionPrediction>({
    search: CAPTION_SEARCH_OPTIONS,
    options: CAPTION_PREDICT_OPTIONS,
    read: (path) => readPictureFile(path),
    named: (path) => ({ path }),
    section(path, { text, attention }) {
      const tokens = shownTokens(attention!.tokens);
      const title = text || "(nothing)";
      return { heading: path, figure: captionFigure({ ...attention!, tokens }, { title }) };
    },
  }),
  operands: "PNG files",
  help: "  captions     the caption of a picture, for the path of a PNG file; with --alternatives the best ones, with tabs between",
};
