// Answers, whole and streamed, from the service with a scripted model.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { type AnswerEvent, Memcubed } from "memcubed";

const user = new Memcubed({}).user(`ts-${randomUUID()}`);
const QUESTION = "Where does Ann keep her bees?";

test("an answer cites what it rests on, and its stream says the same", async () => {
  await user.addMemory("Ann keeps her bees on the roof in Oslo.");
  const answer = await user.answer(QUESTION, { k: 5 });
  assert.equal(answer.answer, "On the roof in Oslo.");
  assert.deepEqual(answer.claims[0]?.cited_ids, [answer.items[0]?.id]);
  const events: AnswerEvent[] = [];
  for await (const event of user.answerStream(QUESTION, { k: 5 })) events.push(event);
  assert.deepEqual(events.map(({ type }) => type), ["shown", "claim", "answer"]);
  const [shown, claim, last] = events;
  assert(shown?.type === "shown" && claim?.type === "claim" && last?.type === "answer");
  assert.deepEqual(shown.data.shown_ids, answer.shown_ids);
  assert.deepEqual(claim.data, answer.claims[0]);
  assert.equal(last.data.answer, answer.answer);
  assert.deepEqual((await user.feedback(last.data.retrieval_id!, claim.data.cited_ids)).cited_ids, claim.data.cited_ids);
});

test("a reader may leave, and the next answer comes", async () => {
  for await (const { type } of user.answerStream(QUESTION)) {
    assert.equal(type, "shown");
    break;
  }
  assert.equal((await user.answer(QUESTION)).abstained, false);
});
