// The program of a worker for ready models: importing it is all that a page's own worker file does.
import "../ops/methods.js";
import { answerWith } from "../parallel/serve.js";
import { readyAnswers } from "./ready-answers.js";

answerWith(readyAnswers());
