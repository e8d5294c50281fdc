// Every call of mem0's npm client: URL, key.
import assert from "node:assert/strict";

process.env.MEM0_TELEMETRY = "false";
const { MemoryClient } = await import("mem0ai");
const [url, key] = process.argv.slice(2);
const client = new MemoryClient({ apiKey: key, host: url });
const userId = "ann-npm";

async function raised(call, status) {
  await assert.rejects(call, (error) => {
    assert.match(JSON.stringify(error) + error.message, status);
    return true;
  });
}

await client.ping();
const added = await client.add([{ role: "user", content: "I live in Oslo." }], {
  userId, agentId: "bot", runId: "npm-1", metadata: { project: "apollo" },
});
assert.equal(added.status, "PENDING");
for (let tries = 0; tries < 300; tries += 1) {
  const event = await client._fetchWithErrorHandling(`${url}/v1/event/${added.eventId}/`, { headers: client.headers });
  if (event.status === "SUCCEEDED") break;
  await new Promise((resolve) => setTimeout(resolve, 200));
}
const kept = await client.add([{ role: "user", content: "Ann rows on Sundays" }], { userId, infer: false });
const memoryId = kept.results[0].id;
const filters = { user_id: userId };
const found = (await client.search("Where does the user live?", { filters, threshold: 0, topK: 5 })).results;
assert.deepEqual(found.map((one) => one.memory).sort(), ["Ann rows on Sundays", "The user lives in Oslo"]);
const oslo = found.find((one) => one.memory.includes("Oslo"));
assert.equal(oslo.userId, userId);
assert.equal(oslo.runId, "npm-1");
assert.deepEqual(oslo.metadata, { project: "apollo" });
const page = await client.getAll({ filters, page: 1, pageSize: 1 });
assert.equal(page.count, 2);
assert.equal(page.results.length, 1);
assert.equal((await client.get(memoryId)).memory, "Ann rows on Sundays");
assert.equal((await client.update(memoryId, { text: "Ann rows on Mondays" })).memory, "Ann rows on Mondays");
assert.equal((await client.update(memoryId, { expirationDate: "2035-01-01" })).expirationDate, "2035-01-01");
assert.deepEqual((await client.history(memoryId)).map((one) => one.event).slice(0, 2), ["ADD", "UPDATE"]);
assert.equal((await client.feedback({ memoryId, feedback: "POSITIVE" })).feedback, "POSITIVE");
assert.match((await client.batchUpdate([{ memoryId, text: "Ann rows on Fridays" }])).message, /1/);
assert.match((await client.batchDelete([memoryId])).message, /1/);
await raised(client.get(memoryId), /no such memory/);
assert.match((await client.delete(oslo.id)).message, /deleted/);
await client.add([{ role: "user", content: "Ann reads" }], { userId, infer: false });
assert.match((await client.deleteAll({ userId })).message, /deleted/);
assert.equal((await client.getAll({ filters })).count, 0);
await client.add([{ role: "user", content: "Ann reads" }], { userId, agentId: "npm-bot", infer: false });
const entities = await client.users();
assert.ok(entities.results.some((one) => one.type === "agent" && one.name === "npm-bot"));
await client.deleteUsers({ userId });
await raised(client.deleteUsers({ userId }), /no such user/);
await raised(client.add([{ role: "user", content: "x" }], { userId, customInstructions: "x" }), /not offered/);
await raised(client.createMemoryExport({ schema: {}, filters }), /does not offer/);
await raised(client.getProject({ fields: ["customInstructions"] }), /does not offer/);
await raised(client.getWebhooks({ projectId: "p" }), /does not offer/);
await raised(client.search("x", { filters: { user_id: userId, colour: "red" } }), /no field/);
process.stdout.write("every call was answered\n");
process.exit(0);
