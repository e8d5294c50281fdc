// The middleware in the real `ai` package, with its mock model, against the running service.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, test } from "node:test";
import { customProvider, generateText, jsonSchema, Output, stepCountIs, streamText, tool, wrapLanguageModel } from "ai";
import { MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { ConnectionFailedError, Memcubed, NotFoundError } from "memcubed";
import { createMemoryProvider, memoryMiddleware, type MemoryOptions } from "memcubed/ai";

const memcubed = new Memcubed({});
const newUser = () => memcubed.user(`ts-ai-${randomUUID()}`);

const usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 3, text: 3, reasoning: undefined },
};
const stop = { unified: "stop", raw: "stop" } as const;
const says = (text: string) => ({ content: [{ type: "text" as const, text }], finishReason: stop, usage, warnings: [] });
const parts = (...deltas: string[]) => [
  { type: "stream-start" as const, warnings: [] },
  { type: "text-start" as const, id: "1" },
  ...deltas.map((delta) => ({ type: "text-delta" as const, id: "1", delta })),
  { type: "text-end" as const, id: "1" },
  { type: "finish" as const, finishReason: stop, usage },
];
const streams = (...deltas: string[]) =>
  new MockLanguageModelV4({ doStream: async () => ({ stream: simulateReadableStream({ chunks: parts(...deltas), chunkDelayInMs: 5 }) }) });

function withMemory(model: MockLanguageModelV4, options: Partial<MemoryOptions> = {}) {
  return wrapLanguageModel({ model, middleware: memoryMiddleware({ memcubed, sessionId: "chat", ...options }) });
}

const promptOf = (model: MockLanguageModelV4, call = 0) => model.doGenerateCalls[call]!.prompt;
const written = async (user: Memcubed) => (await user.turns().toArray()).map(({ role, content }) => [role, content]);

describe("generateText", () => {
  test("the model sees what is remembered, and both turns are written", async () => {
    const user = newUser();
    const memory = await user.addMemory("Is allergic to <peanuts> & ginger.");
    const model = new MockLanguageModelV4({ doGenerate: says("No peanuts, then.") });
    const { text } = await generateText({
      model: withMemory(model, { memcubed: user }), instructions: "Be kind.", prompt: "What may I not eat with peanuts?",
    });
    assert.equal(text, "No peanuts, then.");
    const [system, message] = promptOf(model);
    assert.equal(system?.content, "Be kind.");
    assert(message?.role === "user" && message.content[0]?.type === "text" && message.content[1]?.type === "text");
    assert.match(message.content[0].text, /material and not an instruction.*&lt;peanuts&gt; &amp; ginger/s);
    assert.equal(message.content[1].text, "What may I not eat with peanuts?");
    assert.deepEqual(await written(user), [["user", "What may I not eat with peanuts?"], ["assistant", "No peanuts, then."]]);
    const job = (await user.turns().toArray())[1]!.job_id;
    await user.wait(job);
    const contents = (await user.memories().toArray()).map(({ content }) => content);
    assert.deepEqual(contents, [memory.content], "the model's echo became no memory");
  });

  test("nothing is added where nothing is remembered", async () => {
    const model = new MockLanguageModelV4({ doGenerate: says("Hello.") });
    await generateText({ model: withMemory(model, { memcubed: newUser() }), prompt: "Do you know the capital of Peru?" });
    assert.equal(promptOf(model)[0]?.content.length, 1);
  });

  test("the user and the session of a call go first, and the provider does not see them", async () => {
    const user = newUser();
    await user.addMemory("Plays the cello.");
    const model = new MockLanguageModelV4({ doGenerate: says("The cello.") });
    await generateText({
      model: withMemory(model, { userId: "somebody-else", sessionId: undefined }),
      prompt: "Which instrument do I play?",
      providerOptions: { memcubed: { user_id: user.userId!, session_id: "mine" }, mock: { a: 1 } },
    });
    assert.match(JSON.stringify(promptOf(model)), /cello/);
    assert.deepEqual(model.doGenerateCalls[0]?.providerOptions, { mock: { a: 1 } });
    assert.deepEqual((await user.turns().toArray()).map((turn) => turn.session_id), ["mine", "mine"]);
  });

  test("a model that calls tools: each turn is written once, and each step sees the memory", async () => {
    const user = newUser();
    await user.addMemory("Lives in Bergen.");
    const call = { type: "tool-call" as const, toolCallId: "1", toolName: "weather", input: '{"city":"Bergen"}' };
    const model = new MockLanguageModelV4({
      doGenerate: [
        { content: [call], finishReason: { unified: "tool-calls", raw: "tool_calls" }, usage, warnings: [] },
        says("It rains in Bergen."),
      ],
    });
    const weather = tool({
      inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
      execute: async () => "rain",
    });
    await generateText({ model: withMemory(model, { memcubed: user }), tools: { weather }, stopWhen: stepCountIs(3), prompt: "How is the weather at home?" });
    assert.deepEqual(await written(user), [["user", "How is the weather at home?"], ["assistant", "It rains in Bergen."]]);
    for (const step of [0, 1]) assert.match(JSON.stringify(promptOf(model, step)), /Lives in Bergen/);
  });

  test("only the last message of a history is a new turn", async () => {
    const user = newUser();
    const model = new MockLanguageModelV4({ doGenerate: says("Fine.") });
    await generateText({
      model: withMemory(model, { memcubed: user }),
      messages: [
        { role: "user", content: "Hello." }, { role: "assistant", content: "Hello you." },
        { role: "user", content: [{ type: "text", text: "I sail." }, { type: "text", text: "Often." }] },
      ],
    });
    assert.deepEqual(await written(user), [["user", "I sail.\nOften."], ["assistant", "Fine."]]);
  });

  test("JSON for a program is no turn", async () => {
    const user = newUser();
    const model = new MockLanguageModelV4({ doGenerate: says('{"a": 1}') });
    const output = Output.object({ schema: jsonSchema<{ a: number }>({ type: "object", properties: { a: { type: "number" } } }) });
    await generateText({ model: withMemory(model, { memcubed: user }), output, prompt: "I count to one." });
    assert.deepEqual(await written(user), [["user", "I count to one."]]);
  });

  test("a picture without words asks nothing and says nothing", async () => {
    const user = newUser();
    const model = new MockLanguageModelV4({ doGenerate: says("A cat.") });
    const image = { type: "file" as const, mediaType: "image/png", data: new Uint8Array([137, 80, 78, 71]) };
    await generateText({ model: withMemory(model, { memcubed: user }), messages: [{ role: "user", content: [image] }] });
    assert.deepEqual(await written(user), [["assistant", "A cat."]]);
  });

  test("a long message is asked for by its end", async () => {
    const user = newUser();
    await user.addMemory("Owns a boat called Albatross.");
    const model = new MockLanguageModelV4({ doGenerate: says("Albatross.") });
    const prompt = `${"word ".repeat(3000)}What is my boat called?`;
    await generateText({ model: withMemory(model, { memcubed: user }), prompt });
    assert.match(JSON.stringify(promptOf(model)), /Albatross/);
  });

  test("reading without writing", async () => {
    const user = newUser();
    const model = new MockLanguageModelV4({ doGenerate: says("Yes.") });
    await generateText({ model: withMemory(model, { memcubed: user, save: false, sessionId: undefined }), prompt: "Really?" });
    assert.deepEqual(await written(user), []);
  });
});

describe("streamText", () => {
  test("the stream is the same, and its text is written at its end", async () => {
    const user = newUser();
    await user.addMemory("Has a dog called Rex.");
    const model = streams("Your dog ", "is ", "Rex.");
    const { textStream } = streamText({ model: withMemory(model, { memcubed: user }), prompt: "What is my dog called?" });
    const deltas: string[] = [];
    for await (const delta of textStream) deltas.push(delta);
    assert.deepEqual(deltas, ["Your dog ", "is ", "Rex."]);
    assert.match(JSON.stringify(model.doStreamCalls[0]!.prompt), /called Rex/);
    assert.deepEqual(await written(user), [["user", "What is my dog called?"], ["assistant", "Your dog is Rex."]]);
  });

  test("an answer that is broken off is written as far as it came", async () => {
    const user = newUser();
    const controller = new AbortController();
    const model = streams("One ", ...Array.from({ length: 200 }, () => "more "));
    const { fullStream } = streamText({ model: withMemory(model, { memcubed: user }), prompt: "Count.", abortSignal: controller.signal });
    for await (const part of fullStream) if (part.type === "text-delta") controller.abort();
    for (let left = 50; left > 0 && (await written(user)).length < 2; left -= 1) await new Promise((resolve) => setTimeout(resolve, 100));
    const [said, answered] = await written(user);
    assert.deepEqual(said, ["user", "Count."]);
    assert(answered![1]!.startsWith("One ") && answered![1]!.length < 600);
  });

  test("a model that fails writes nothing", async () => {
    const user = newUser();
    const failing = new MockLanguageModelV4({
      doStream: async () => ({ stream: simulateReadableStream({ chunks: [...parts("Well ").slice(0, 3), { type: "error" as const, error: new Error("down") }] }) }),
    });
    const errors: unknown[] = [];
    await streamText({ model: withMemory(failing, { memcubed: user }), prompt: "Hello?", onError: ({ error }) => { errors.push(error); } }).consumeStream();
    assert.equal(errors.length, 1);
    assert.deepEqual(await written(user), []);
  });
});

describe("faults", () => {
  const nobody = new Memcubed({ url: "http://127.0.0.1:1", key: "mc_none", userId: "ann", maxRetries: 0 });

  test("without onError the call fails", async () => {
    const model = new MockLanguageModelV4({ doGenerate: says("Hi.") });
    await assert.rejects(generateText({ model: withMemory(model, { memcubed: nobody }), prompt: "Hello?", maxRetries: 0 }), ConnectionFailedError);
    assert.equal(model.doGenerateCalls.length, 0);
  });

  test("with it the chat goes on without a memory", async () => {
    const errors: unknown[] = [];
    const model = new MockLanguageModelV4({ doGenerate: says("Hi.") });
    const options = { memcubed: nobody, onError: (error: unknown) => { errors.push(error); } };
    assert.equal((await generateText({ model: withMemory(model, options), prompt: "Hello?" })).text, "Hi.");
    assert.equal(errors.length, 2);
    const text = await streamText({ model: withMemory(streams("Hi."), options), prompt: "Hello?" }).text;
    assert.equal(text, "Hi.");
    assert.equal(errors.length, 4);
  });

  test("no session, or one that is no text", async () => {
    const model = new MockLanguageModelV4({ doGenerate: says("Hi.") });
    const user = newUser();
    await assert.rejects(generateText({ model: withMemory(model, { memcubed: user, sessionId: undefined }), prompt: "Hello?" }), /No session/);
    await assert.rejects(generateText({ model: withMemory(model), prompt: "Hello?" }), /No user/);
    await assert.rejects(
      generateText({ model: withMemory(model, { memcubed: user }), prompt: "Hello?", providerOptions: { memcubed: { session_id: 7 } } }),
      /must be a text/,
    );
    assert.equal(model.doGenerateCalls.length, 0);
  });
});

test("a provider all of whose models remember", async () => {
  const user = newUser();
  await user.addMemory("Collects stamps.");
  const model = new MockLanguageModelV4({ doGenerate: says("Stamps.") });
  const provider = createMemoryProvider({ provider: customProvider({ languageModels: { small: model } }), memcubed: user, sessionId: "s" });
  await generateText({ model: provider.languageModel("small"), prompt: "What do I collect?" });
  assert.match(JSON.stringify(promptOf(model)), /Collects stamps/);
  assert.equal((await written(user)).length, 2);
  await assert.rejects(user.summary("s"), NotFoundError);
});
