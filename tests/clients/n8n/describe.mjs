// Prints the compiled node's description, and its credentials, as JSON.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Memcubed } = require(`${process.argv[2]}/nodes/Memcubed/Memcubed.node.js`);
const { MemcubedApi } = require(`${process.argv[2]}/credentials/MemcubedApi.credentials.js`);
console.log(JSON.stringify({ node: new Memcubed().description, credentials: new MemcubedApi() }));
