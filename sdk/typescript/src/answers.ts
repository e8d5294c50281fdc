/** The events of an answer that is streamed. */

import { ConnectionFailedError, parseProblem, toApiError } from "./errors.js";
import { readEvents } from "./events.js";
import type { CallOutput } from "./operations.js";
import type { OpenResponse } from "./transport.js";

export type Answer = CallOutput<"POST", "/v1/answer">;
export type Claim = Answer["claims"][number];

/** `shown`: what the model reads. `restart`: the claims so far do not count. `answer`: the final one. */
export type AnswerEvent =
  | { type: "shown"; data: { shown_ids: string[]; sub_questions: string[] } }
  | { type: "claim"; data: Claim }
  | { type: "restart"; data: Record<string, never> }
  | { type: "answer"; data: Answer };

const NAMES = new Set(["shown", "claim", "restart", "answer"]);

/** The events until the final answer. A problem among them is thrown, as is an end before the answer. */
export async function* iterAnswerEvents(open: OpenResponse): AsyncGenerator<AnswerEvent, void, undefined> {
  for await (const { name, data } of readEvents(open)) {
    if (name === "error") {
      throw toApiError(parseProblem(data) ?? { title: "", status: 500, code: "unknown", detail: data.slice(0, 200) });
    }
    if (!NAMES.has(name)) continue;
    yield { type: name, data: JSON.parse(data) as unknown } as AnswerEvent;
    if (name === "answer") return;
  }
  throw new ConnectionFailedError("The stream ended before the answer");
}
