// Drives the ollama package for Node: node_ollama.mjs URL CASE. Prints one line of JSON with what its user sees.
import { createRequire } from "node:module";
const require = createRequire(process.env.EVENKEEL_NODE + "/");
const { Ollama } = require("ollama");
const [url, what] = process.argv.slice(2);
const client = new Ollama({ host: url });
const messages = [{ role: "user", content: "Is anybody there?" }];
const seen = {};
try {
  if (what === "whole") {
    const answer = await client.chat({ model: "practice", messages });
    Object.assign(seen, { text: answer.message.content, done: answer.done, count: answer.eval_count });
  } else if (what === "stream") {
    seen.text = "";
    for await (const line of await client.chat({ model: "practice", messages, stream: true })) {
      seen.text += line.message.content;
      seen.done = line.done;
    }
  } else if (what === "generate") {
    seen.text = (await client.generate({ model: "practice", prompt: "Is anybody there?" })).response;
  } else if (what === "list") {
    seen.models = (await client.list()).models.map((model) => model.name);
    seen.capabilities = (await client.show({ model: "practice" })).capabilities;
  } else if (what === "embed") {
    seen.length = (await client.embed({ model: "embedder", input: ["a", "b"] })).embeddings[1].length;
  } else if (what === "unknown") {
    await client.chat({ model: "none", messages });
  } else if (what === "pull") {
    await client.pull({ model: "practice" });
  }
} catch (error) {
  Object.assign(seen, { error: error.name, status: error.status_code, message: error.message });
}
console.log(JSON.stringify(seen));
