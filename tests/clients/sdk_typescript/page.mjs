// A page that uses the package as it is, and says what it saw.
import { ConnectionFailedError, Memcubed, NotFoundError } from "/memcubed/index.js";

const { url, key } = await (await fetch("/settings.json")).json();

async function look() {
  const user = new Memcubed({ url, key, maxRetries: 0 }).user(`browser-${crypto.randomUUID?.() ?? Math.random()}`);
  const seen = {};
  await user.wait(await user.add("My cat is called Mimi and she likes tuna.", { session_id: "a/b" }));
  seen.found = /tuna/.test((await user.search("What does the cat like?")).items[0].content);
  const memory = await user.addMemory("Lives in Bergen.");
  seen.updated = (await user.update(memory.id, { content: "Lives in Oslo." })).version;
  seen.listed = (await user.memories({ limit: 1 }).toArray()).length;
  seen.artifact = (await user.putArtifact("src/ä b.py", "print(1)", { if_match: 0 })).version;
  seen.goals = (await user.updateState("s", { goals: [{ text: "Book a flight" }] })).state.goals.length;
  const pieces = [];
  for await (const piece of user.exportBundle({ embeddings: false })) pieces.push(piece);
  await user.erase();
  seen.imported = (await user.importBundle(new Blob(pieces))).added.memory;
  await user.delete(memory.id);
  try {
    await user.get(memory.id);
  } catch (error) {
    seen.error = [error instanceof NotFoundError, error.code, /^[0-9a-f]{32}$/.test(error.requestId)];
  }
  return seen;
}

const result = await look().catch((error) => ({ failed: String(error), lost: error instanceof ConnectionFailedError }));
await fetch("/result", { method: "POST", body: JSON.stringify(result) });
