// Against a running server with demo data: API_URL=http://localhost:8000 npm test

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ApiError, HaloLight, memoryStorage, type HaloLightOptions } from "halolight-client";

const baseUrl = process.env.API_URL ?? "http://localhost:8000";
const admin = new HaloLight({ baseUrl });
const CONTENT = "data: a line\u2028event: session-ended\n\nid: 0";
/** Ends a loop whose event does not come. */
const soon = () => ({ signal: AbortSignal.timeout(20_000) });
let accounts = 0;

before(() => admin.signIn("admin@example.com", "123456"));

async function registered(options: HaloLightOptions = {}) {
  const api = new HaloLight({ baseUrl, ...options });
  const email = `events-${Date.now()}-${accounts++}@example.com`;
  const user = await api.register({ email, password: "a long passphrase" });
  assert(user);
  const notify = (title: string) =>
    admin.POST("/api/notifications", { body: { title, content: CONTENT, userIds: [user.id] } });
  return { api, notify };
}

/**
 * A network that brings streams byte by byte, cuts the first within its second notification, and is
 * then down for one attempt.
 */
function unreliable(beforeReturn: () => Promise<unknown>): typeof fetch {
  let opened = 0;
  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input);
    if (pathname !== "/api/stream") return fetch(input, init);
    opened++;
    if (opened === 2) throw new TypeError("offline");
    if (opened === 3) await beforeReturn();
    const response = await fetch(input, init);
    if (!response.body) return response;
    let seen = "";
    const cutting = new TransformStream<string, Uint8Array>({
      transform(chunk, controller) {
        const start = seen.length;
        seen += chunk.replace(/retry: \d+/, "retry: 10");
        const [, second] = [...seen.matchAll(/event: notification/g)];
        const cut = opened === 1 && second ? second.index + 60 : undefined;
        const bytes = new TextEncoder().encode(seen.slice(start, cut));
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        if (cut) setTimeout(() => controller.error(new TypeError("cut")), 20);
      },
    });
    const text = response.body.pipeThrough(new TextDecoderStream());
    return new Response(text.pipeThrough(cutting), response);
  };
}

test("a notification of an administrator arrives, typed by its name", async () => {
  const { api, notify } = await registered();
  let text: unknown;
  for await (const event of api.events(soon())) {
    // @ts-expect-error other events have no title
    assert(event.type === "notification" || event.data.title === undefined);
    if (event.type === "unread" && event.data.notifications === 0) await notify("Hello");
    if (event.type !== "notification") continue;
    text = [event.data.title, event.data.content];
    break;
  }

  assert.deepEqual(text, ["Hello", CONTENT]);
});

test("no event is lost or doubled when the connection is cut", async () => {
  const titles = ["one", "two 二", "three"];
  const { api, notify } = await registered({ fetch: unreliable(() => notify(titles[2]!)) });
  const seen: string[] = [];
  let lastEventId = "";
  for await (const event of api.events(soon())) {
    if (event.type === "unread" && event.data.notifications === 0) await notify(titles[0]!);
    if (event.type !== "notification") continue;
    seen.push(event.data.title);
    if (seen.length === titles.length) break;
    if (seen.length > 1) continue;
    lastEventId = event.id;
    await notify(titles[1]!);
  }
  for await (const event of api.events({ ...soon(), lastEventId })) {
    if (event.type !== "notification") continue;
    if (seen.push(event.data.title) === 5) break;
  }

  assert.deepEqual(seen, [...titles, ...titles.slice(1)]);
});

test("aborting ends the loop, also while it waits to reconnect", async () => {
  const { api } = await registered();
  const offline = new HaloLight({ baseUrl, fetch: () => Promise.reject(new TypeError("offline")) });
  for (const each of [api, offline]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 200);
    const types: string[] = [];
    for await (const { type } of each.events({ signal: controller.signal })) types.push(type);
    assert.deepEqual(types, each === api ? ["unread"] : []);
  }
  for await (const _ of api.events({ signal: AbortSignal.abort() })) assert.fail();
});

test("a connection that falls silent is replaced, when the API wants it, later each time", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const opened: string[] = [];
  const silent: typeof fetch = async (input) => {
    const { signal } = input as Request;
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason)),
    );
    if (opened.push("") > 1) return aborted;
    const start = (stream: ReadableStreamDefaultController) =>
      stream.enqueue(new TextEncoder().encode("retry: 1000\n\n"));
    return new Response(new ReadableStream({ start, pull: () => aborted }));
  };
  const controller = new AbortController();
  const end = new HaloLight({ baseUrl, fetch: silent }).events(controller).next();
  for (const seconds of [0, 45, 1, 44, 1, 1, 1]) {
    t.mock.timers.tick(seconds * 1000);
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
    opened[opened.length - 1] += ` ${seconds}`;
  }
  controller.abort();

  assert.deepEqual(opened, [" 0 45", " 1 44 1 1", " 1"]);
  assert.equal((await end).done, true);
});

test("signing out ends the loop, and nothing arrives after it", async () => {
  const { api, notify } = await registered();
  const types: string[] = [];
  for await (const event of api.events(soon())) {
    types.push(event.type);
    await notify("Too late");
    await api.signOut();
  }

  assert.deepEqual(types, ["unread"]);
});

test("a session that has ended elsewhere ends the loop and signs out", async () => {
  const storage = memoryStorage();
  let signedOut = 0;
  const { api } = await registered({ storage, onSignedOut: () => signedOut++ });
  const other = new HaloLight({ baseUrl, storage: { ...storage, set: () => {} } });
  const types: string[] = [];
  for await (const event of api.events(soon())) {
    types.push(event.type);
    if (event.type === "unread") await other.signOut();
  }

  assert.deepEqual(types, ["unread", "session-ended"]);
  assert.deepEqual([await api.userId(), signedOut], [null, 1]);
});

test("without a sign-in there are no events", async () => {
  const events = new HaloLight({ baseUrl }).events();

  await assert.rejects(events.next(), (error: ApiError) => error.status === 401);
});
