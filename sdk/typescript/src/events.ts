/** Server-sent events, as the service sends them. */

import { ConnectionFailedError } from "./errors.js";
import type { OpenResponse } from "./transport.js";

export interface ServerEvent {
  name: string;
  data: string;
}

/** The chunks of a response's body. It is closed when the reader leaves. */
export async function* readChunks(open: OpenResponse): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = open.response.body?.getReader();
  if (reader === undefined) throw new ConnectionFailedError("The answer has no body");
  let isDone = false;
  try {
    while (true) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      open.touch();
      yield value;
    }
  } catch (error) {
    throw open.explain(error);
  } finally {
    open.end();
    if (!isDone) await reader.cancel().catch(() => undefined);
  }
}

/** The events of a response. One that the connection cut off is left out. */
export async function* readEvents(open: OpenResponse): AsyncGenerator<ServerEvent, void, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of readChunks(open)) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split(/\r\n\r\n|\n\n|\r\r/);
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event !== undefined) yield event;
    }
  }
}

function parseEvent(block: string): ServerEvent | undefined {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    if (colon === 0 || line === "") continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    else if (field === "data") data.push(value);
  }
  return data.length === 0 ? undefined : { name, data: data.join("\n") };
}
