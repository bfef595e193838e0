// Drives the openai package for Node: node_openai.mjs URL CASE. Prints one line of JSON with what its user sees.
import { createRequire } from "node:module";
const require = createRequire(process.env.EVENKEEL_NODE + "/");
const { OpenAI } = require("openai");
const [url, what] = process.argv.slice(2);
const client = new OpenAI({ baseURL: url + "/v1", apiKey: "sk-any", maxRetries: what === "retry" ? 3 : 0 });
const messages = [{ role: "user", content: "Is anybody there?" }];
const seen = {};
try {
  if (what === "whole" || what === "retry") {
    const { data, response, request_id } = await client.chat.completions.create({ model: "practice", messages }).withResponse();
    Object.assign(seen, { text: data.choices[0].message.content, finish: data.choices[0].finish_reason, id: request_id,
                          provider: response.headers.get("x-evenkeel-provider") });
  } else if (what === "stream") {
    seen.text = "";
    for await (const chunk of await client.chat.completions.create({ model: "practice", messages, stream: true })) {
      seen.text += chunk.choices[0].delta.content ?? "";
      seen.finish = chunk.choices[0].finish_reason;
    }
  } else if (what === "tools") {
    const parameters = { type: "object", properties: { city: { type: "string" } } };
    const runner = client.chat.completions.runTools({ model: "practice", messages, stream: true, tools: [{ type: "function",
      function: { name: "get_weather", parameters, parse: JSON.parse, function: ({ city }) => "rain in " + city } }] });
    seen.text = await runner.finalContent();
  } else if (what === "embeddings") {
    seen.length = (await client.embeddings.create({ model: "embedder", input: ["a", "b"] })).data[1].embedding.length;
  } else if (what === "models") {
    seen.models = [];
    for await (const model of client.models.list()) seen.models.push(model.id);
    seen.owner = (await client.models.retrieve("local/practice")).owned_by;
    await client.models.retrieve("none");
  } else if (what === "completions") {
    seen.text = (await client.completions.create({ model: "practice", prompt: "Is anybody there?" })).choices[0].text;
  }
} catch (error) {
  Object.assign(seen, { error: error.constructor.name, status: error.status, code: error.code });
}
console.log(JSON.stringify(seen));
