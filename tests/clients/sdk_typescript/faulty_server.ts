// A server that gives the answers it is told to, in their order, and notes what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Memcubed, type MemcubedOptions } from "memcubed";

export interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: string;
  at: number;
}

export interface Scripted {
  status?: number;
  headers?: Record<string, string>;
  json?: unknown;
  text?: string;
  /** Break the connection: before anything is sent, or after the head and half of the text. */
  drop?: "at once" | "half way";
  /** Milliseconds before the answer, and between its pieces. */
  delay?: number;
  pieces?: string[];
}

export class FaultyServer {
  readonly asked: Asked[] = [];
  script: Scripted[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A client of it, after the given answers are laid out. */
  client(script: Scripted[], options: MemcubedOptions = {}): Memcubed {
    this.script = [...script];
    this.asked.length = 0;
    return new Memcubed({ url: this.url, key: "mc_test", userId: "ann", timeout: 5, ...options });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    this.asked.push({ method, url, headers, body: Buffer.concat(chunks).toString(), at: Date.now() });
    const next = this.script.shift() ?? { status: 599, text: "nothing is left of the script" };
    if (next.delay) await new Promise((resolve) => setTimeout(resolve, next.delay));
    if (next.drop === "at once") {
      request.socket.destroy();
      return;
    }
    const text = next.text ?? (next.json === undefined ? "" : JSON.stringify(next.json));
    const type = next.json === undefined ? {} : { "Content-Type": "application/json" };
    response.writeHead(next.status ?? 200, { ...type, ...next.headers });
    if (next.drop === "half way") {
      response.write(text.slice(0, text.length / 2));
      setTimeout(() => request.socket.destroy(), 20);
      return;
    }
    for (const piece of next.pieces ?? []) {
      response.write(piece);
      await new Promise((resolve) => setTimeout(resolve, next.delay ?? 1));
    }
    response.end(text);
  }
}

export function problem(status: number, code: string, more: object = {}) {
  return { status, json: { type: "about:blank", title: code, status, code, detail: `It is ${code}`, ...more } };
}
