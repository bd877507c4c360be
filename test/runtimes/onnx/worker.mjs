// For Cloudflare Workers: the file is a data module.
import file from "./model.onnx";
import { run } from "./run.mjs";

export default {
  async fetch() {
    return Response.json(await run(file));
  },
};
