// What the unchanged `openai` package does against the chat proxy; it prints what it saw as JSON.
import OpenAI from "openai";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }];
const ask = (content, more = {}) => ({ model: "m", user: "ann", messages: [{ role: "user", content }], ...more });
const seen = { models: [] };

for await (const model of client.models.list()) seen.models.push(model.id);
seen.plain = (await client.chat.completions.create(ask("Say hello."))).choices[0].message.content;
const { response } = await client.chat.completions.create(ask("Where do I live?")).withResponse();
seen.context = response.headers.get("x-memcubed-context");
seen.streamed = "";
seen.usage = null;
const options = { stream: true, stream_options: { include_usage: true } };
for await (const chunk of await client.chat.completions.create(ask("Stream it.", options))) {
  seen.streamed += chunk.choices[0]?.delta.content ?? "";
  seen.usage = chunk.usage?.prompt_tokens ?? seen.usage;
}
const called = await client.chat.completions.create(ask("Use a tool.", { tools }));
seen.tool = called.choices[0].message.tool_calls[0].function.arguments;
const final = await client.chat.completions.stream(ask("Stream a tool.", { tools })).finalChatCompletion();
seen.streamed_tool = final.choices[0].message.tool_calls[0].function.arguments;
for (const [name, content] of [["limited", "Be limited."], ["bad", "Be bad."]]) {
  try {
    await client.chat.completions.create(ask(content));
  } catch (error) {
    seen[name] = [error.constructor.name, error.status, error.code, error.message];
  }
}
try {
  await new OpenAI({ baseURL, apiKey: "mc_no", maxRetries: 0 }).chat.completions.create(ask("Hello"));
} catch (error) {
  seen.no_key = error.code;
}
console.log(JSON.stringify(seen));
