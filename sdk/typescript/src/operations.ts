/** Types of a call, computed from the generated `paths`: what a route takes and what it answers. */

import type { paths } from "./schema.js";

export type Method = "GET" | "PUT" | "POST" | "DELETE" | "PATCH";

/** The paths that have a method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: Lowercase<M> extends keyof paths[P]
    ? paths[P][Lowercase<M>] extends { responses: unknown } ? P : never
    : never;
}[keyof paths];

type Operation<M extends Method, P extends keyof paths> = Lowercase<M> extends keyof paths[P]
  ? paths[P][Lowercase<M>]
  : never;

type Parameters<O, Where extends "path" | "query"> = O extends { parameters: infer All }
  ? Where extends keyof All ? Exclude<All[Where], undefined> : never
  : never;

type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B
  : O extends { requestBody?: { content: { "application/json": infer B } } } ? B | undefined
  : never;

type Part<Name extends string, T> = [T] extends [never] ? { [K in Name]?: never }
  : undefined extends T ? { [K in Name]?: T }
  : Record<never, never> extends T ? { [K in Name]?: T }
  : { [K in Name]: T };

/** The parameters and the body of a call. */
export type CallInput<M extends Method, P extends keyof paths> =
  & Part<"path", Parameters<Operation<M, P>, "path">>
  & Part<"query", Parameters<Operation<M, P>, "query">>
  & Part<"body", Body<Operation<M, P>>>;

type Success = 200 | 201 | 202;

/** What a call answers: the JSON of a 200, 201 or 202, and `undefined` for a 204. */
export type CallOutput<M extends Method, P extends keyof paths> = Operation<M, P> extends { responses: infer R }
  ? Extract<keyof R, Success> extends never ? undefined
  : R[Extract<keyof R, Success>] extends { content: { "application/json": infer Out } } ? Out : unknown
  : never;

/** The body of a call. */
export type BodyOf<M extends Method, P extends keyof paths> = NonNullable<Body<Operation<M, P>>>;

/** The query parameters of a call. */
export type QueryOf<M extends Method, P extends keyof paths> = NonNullable<Parameters<Operation<M, P>, "query">>;

/** Parameters of a method whose user may be that of the client. */
export type ForUser<T> = Omit<T, "user_id"> & { user_id?: string | undefined };

/** Filters of a list; the cursor is kept by the iterator. */
export type Listing<M extends Method, P extends keyof paths> = ForUser<Omit<QueryOf<M, P>, "cursor" | "kind" | "tag">>;

/** The items of a page. */
export type ItemOf<P extends PathOf<"GET">> = CallOutput<"GET", P> extends { items: Array<infer Item> } ? Item : never;
