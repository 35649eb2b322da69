// Against a running server with demo data: API_URL=http://localhost:8000 npm test

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  ApiError,
  browserStorage,
  HaloLight,
  memoryStorage,
  type HaloLightOptions,
  type Progress,
  type StoredTokens,
  type TokenStorage,
} from "halolight-client";

const baseUrl = process.env.API_URL ?? "http://localhost:8000";
const EMAIL = "admin@example.com";
const PASSWORD = "123456";
const MB = 1024 * 1024;

let requests: string[] = [];
const refreshes = () => requests.filter((path) => path === "/api/auth/refresh").length;
const counting: typeof fetch = (input, init) => {
  requests.push(new URL(input instanceof Request ? input.url : input).pathname);
  return fetch(input, init);
};

const client = (options: HaloLightOptions = {}) =>
  new HaloLight({ baseUrl, fetch: counting, ...options });

async function signedIn(options: HaloLightOptions = {}): Promise<HaloLight> {
  const api = client(options);
  await api.signIn(EMAIL, PASSWORD);
  requests = [];
  return api;
}

async function change(storage: TokenStorage, changes: Partial<StoredTokens>): Promise<void> {
  const tokens = await storage.get();
  assert(tokens);
  await storage.set({ ...tokens, ...changes });
}

/** The localStorage of a browser, as far as it is used. */
function sharedArea(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as Storage;
}

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => assert.fail("it did not reject"),
    (reason: unknown) => reason,
  );
  assert(error instanceof ApiError, String(error));
  return error;
}

afterEach(() => {
  requests = [];
});

test("a sign-in returns the user, and calls return what is in the envelope", async () => {
  const api = client();
  const user = await api.signIn(EMAIL, PASSWORD);
  const me = await api.GET("/api/users/me");

  assert.equal(user.email, EMAIL);
  assert.equal(me.id, user.id);
  assert.equal(await api.userId(), user.id);
  assert.equal((await api.GET("/health")).status, "ok");
});

test("lists come page by page, or item by item", async () => {
  const api = await signedIn();
  const init = { params: { query: { pageSize: 2, sortBy: "email", sortOrder: "asc" } } } as const;
  const first = await api.GET("/api/users", init);
  const pages: string[][] = [];
  for await (const page of api.pages("/api/users", init))
    pages.push(page.items.map((user) => user.email));
  const items: string[] = [];
  for await (const user of api.items("/api/users", init)) items.push(user.email);

  assert(first.total > 2);
  assert.equal(pages.length, first.totalPages);
  assert.deepEqual(
    pages[0],
    first.items.map((user) => user.email),
  );
  assert.equal(new Set(items).size, first.total);
  assert.deepEqual(items, pages.flat());
});

test("a page that is not needed is not requested", async () => {
  const api = await signedIn();
  for await (const _ of api.items("/api/users", { params: { query: { pageSize: 1 } } })) break;

  assert.deepEqual(requests, ["/api/users"]);
});

test("one renewal serves 20 parallel calls with a rejected access token", async () => {
  const storage = memoryStorage();
  const api = await signedIn({ storage });
  await change(storage, { accessToken: "expired" });
  const users = await Promise.all(Array.from({ length: 20 }, () => api.GET("/api/users/me")));

  assert.deepEqual(new Set(users.map((user) => user.email)), new Set([EMAIL]));
  assert.equal(refreshes(), 1);
  assert.equal(requests.length, 41);
});

test("one renewal before it expires serves 20 parallel calls", async () => {
  const storage = memoryStorage();
  const api = await signedIn({ storage });
  await change(storage, { renewAt: Date.now() });
  await Promise.all(Array.from({ length: 20 }, () => api.GET("/api/users/me")));

  assert.equal(refreshes(), 1);
  assert.equal(requests.length, 21);
});

test("one renewal serves several tabs", async () => {
  const area = sharedArea();
  const tabs = [await signedIn({ storage: browserStorage("tokens", area) })];
  for (let n = 0; n < 3; n++) tabs.push(client({ storage: browserStorage("tokens", area) }));
  await change(browserStorage("tokens", area), { accessToken: "expired" });
  const calls = tabs.flatMap((tab) => Array.from({ length: 10 }, () => tab.GET("/api/users/me")));
  const users = await Promise.all(calls);

  assert.equal(users.length, 40);
  assert.equal(refreshes(), 1);
  assert.equal(area.getItem("tokens-renewal"), null);
});

test("a lease that a closed tab has left does not block the others", async () => {
  const area = sharedArea();
  const api = await signedIn({ storage: browserStorage("tokens", area) });
  for (const until of [Date.now() - 1, Date.now() + 3_600_000]) {
    area.setItem("tokens-renewal", `other ${until}`);
    await change(browserStorage("tokens", area), { renewAt: 0 });
    assert.equal((await api.GET("/api/users/me")).email, EMAIL);
  }

  assert.equal(refreshes(), 2);
});

test("a renewal whose response is lost is repeated", async () => {
  const storage = memoryStorage();
  let lost = 0;
  const lossy: typeof fetch = async (input, init) => {
    const response = await counting(input, init);
    if (response.url.endsWith("/refresh") && lost++ === 0) throw new TypeError("lost");
    return response;
  };
  const api = await signedIn({ storage, fetch: lossy });
  await change(storage, { accessToken: "expired" });

  assert.equal((await api.GET("/api/users/me")).email, EMAIL);
  assert.equal(refreshes(), 2);
});

test("a session that has ended signs out", async () => {
  const storage = memoryStorage();
  let signedOut = 0;
  const api = await signedIn({ storage, onSignedOut: () => signedOut++ });
  const { accessToken } = (await storage.get())!;
  await fetch(`${baseUrl}/api/auth/logout`, {
    method: "POST",
    headers: { Authorization: `Bearer ${accessToken}` },
  });
  const errors = await Promise.all([1, 2, 3].map(() => errorOf(api.GET("/api/users/me"))));

  assert.deepEqual(
    errors.map((error) => [error.status, error.code]),
    Array(3).fill([401, "UNAUTHORIZED"]),
  );
  assert.equal(await storage.get(), null);
  assert.deepEqual([refreshes(), signedOut], [1, 1]);
});

test("a renewal that only fails for now keeps the session", async () => {
  const storage = memoryStorage();
  const busy: typeof fetch = async (input, init) => {
    if (!String(input).endsWith("/refresh")) return fetch(input, init);
    const error = { code: "SERVICE_UNAVAILABLE", message: "Try again later", details: [] };
    return Response.json(
      { success: false, error },
      { status: 503, headers: { "Retry-After": "2" } },
    );
  };
  const api = await signedIn({ storage, fetch: busy });
  await change(storage, { renewAt: 0 });
  const error = await errorOf(api.GET("/api/users/me"));

  assert.deepEqual([error.status, error.code, error.retryAfter], [503, "SERVICE_UNAVAILABLE", 2]);
  assert((await storage.get())?.refreshToken);
});

test("a call of one user is never repeated as another", async () => {
  const [storage, elsewhere] = [memoryStorage(), memoryStorage()];
  const other = client({ storage: elsewhere });
  await other.signIn("guest@halolight.h7ml.cn", PASSWORD);
  const changing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (response.status === 401) await storage.set(await elsewhere.get());
    return response;
  };
  const api = await signedIn({ storage, fetch: changing });
  await change(storage, { accessToken: "expired" });
  const bio = `not mine, ${Date.now()}`;
  const error = await errorOf(api.PUT("/api/users/me", { body: { bio } }));

  assert.equal(error.status, 401);
  assert.notEqual((await other.GET("/api/users/me")).bio, bio);
});

test("a renewal does not undo a sign-out meanwhile", async () => {
  const storage = memoryStorage();
  const leaving: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (response.url.endsWith("/refresh")) await storage.set(null);
    return response;
  };
  const api = await signedIn({ storage, fetch: leaving });
  await change(storage, { accessToken: "expired" });

  assert.equal((await errorOf(api.GET("/api/users/me"))).status, 401);
  assert.equal(await storage.get(), null);
});

test("signing out ends the session, also with an expired access token", async () => {
  const storage = memoryStorage();
  let signedOut = 0;
  const api = await signedIn({ storage, onSignedOut: () => signedOut++ });
  const { refreshToken } = (await storage.get())!;
  await change(storage, { accessToken: "expired" });
  await api.signOut();
  const error = await errorOf(api.POST("/api/auth/refresh", { body: { refreshToken } }));

  assert.equal(error.status, 401);
  assert.equal(await api.userId(), null);
  assert.equal(signedOut, 1);
});

test("signing out forgets the tokens, even if the API cannot be reached", async () => {
  const storage = memoryStorage();
  const offline: typeof fetch = async (input, init) => {
    if (String(input).endsWith("/logout")) throw new TypeError("offline");
    return fetch(input, init);
  };
  const api = await signedIn({ storage, fetch: offline });

  assert.equal((await errorOf(api.signOut())).code, "NETWORK_ERROR");
  assert.equal(await storage.get(), null);
});

test("a registration signs in, unless the email address has to be confirmed first", async () => {
  const account = { email: `client-${Date.now()}@example.com`, password: "a long passphrase" };
  const api = client();
  const user = await api.register(account);
  const none = {
    accessToken: null,
    refreshToken: null,
    expiresIn: null,
    tokenType: null,
    user: null,
  };
  const confirming: typeof fetch = async () =>
    Response.json({ success: true, data: none, message: "" });
  const other = client({ fetch: confirming });

  assert.equal((await api.GET("/api/users/me")).id, user?.id);
  assert.equal(await other.register(account), null);
  assert.equal(await other.userId(), null);
});

test("a wrong password is no reason to renew, and keeps who is signed in", async () => {
  const api = await signedIn();
  const error = await errorOf(api.signIn(`nobody-${Date.now()}`, "wrong password"));

  assert.equal(error.status, 401);
  assert.deepEqual(requests, ["/api/auth/login"]);
  assert.equal((await api.GET("/api/users/me")).email, EMAIL);
});

test("errors have status, code, message, details and the id of the request", async () => {
  const api = await signedIn();
  const invalid = await errorOf(api.POST("/api/users", { body: { email: "nonsense" } as never }));
  const missing = await errorOf(
    api.GET("/api/users/{user_id}", { params: { path: { user_id: 999999 } } }),
  );

  assert.deepEqual([invalid.status, invalid.code], [400, "VALIDATION_ERROR"]);
  assert(invalid.message);
  assert(invalid.details.some(({ field, message }) => field === "email" && message));
  assert.match(invalid.requestId ?? "", /./);
  assert.deepEqual([missing.status, missing.code, missing.details], [404, "NOT_FOUND", []]);
});

test("errors that are not from the API say so", async () => {
  const unreachable = await errorOf(client({ baseUrl: "http://127.0.0.1:9" }).GET("/health"));
  const page: typeof fetch = async () => new Response("<!doctype html>");
  const html = await errorOf(client({ fetch: page }).GET("/api/users"));
  const gateway: typeof fetch = async () => new Response("<h1>Bad gateway</h1>", { status: 502 });
  const proxy = await errorOf(client({ fetch: gateway }).GET("/api/users"));

  assert.deepEqual([unreachable.status, unreachable.code], [0, "NETWORK_ERROR"]);
  assert.deepEqual([html.status, html.code], [200, "INVALID_RESPONSE"]);
  assert.deepEqual([proxy.status, proxy.code], [502, "INVALID_RESPONSE"]);
});

test("an upload reports its progress, and comes back as it was", async () => {
  const api = await signedIn();
  const content = new Uint8Array(3 * MB).map((_, index) => index % 251);
  const seen: Progress[] = [];
  const file = await api.upload(new Blob([content]), {
    name: "client.bin",
    path: "/",
    onProgress: (progress) => seen.push(progress),
  });
  const back = await api.download(file.id);
  const link = await fetch(await api.downloadUrl(file.id));
  await api.DELETE("/api/files/{file_id}", { params: { path: { file_id: file.id } } });

  assert.deepEqual([file.name, file.size], ["client.bin", content.length]);
  assert(seen.length > 2);
  assert(seen.every((each, n) => n === 0 || each.loaded >= seen[n - 1]!.loaded));
  assert.deepEqual(seen.at(-1), { loaded: content.length, total: content.length });
  assert.deepEqual(new Uint8Array(await back.arrayBuffer()), content);
  assert.equal((await link.arrayBuffer()).byteLength, content.length);
});

test("an upload with a rejected access token is sent again", async () => {
  const storage = memoryStorage();
  const api = await signedIn({ storage });
  for (const onProgress of [undefined, () => {}]) {
    await change(storage, { accessToken: "expired" });
    const file = await api.upload(new Blob(["again"]), {
      name: "again.txt",
      ...(onProgress && { onProgress }),
    });
    await api.DELETE("/api/files/{file_id}", { params: { path: { file_id: file.id } } });
    assert.equal(file.size, 5);
  }
  assert.equal(refreshes(), 2);
});

test("an upload can be aborted, and leaves nothing", async () => {
  const api = await signedIn();
  const name = `aborted-${Date.now()}.bin`;
  const controller = new AbortController();
  const upload = api.upload(new Blob([new Uint8Array(20 * MB)]), {
    name,
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });

  await assert.rejects(upload, { name: "AbortError" });
  await assert.rejects(api.upload(new Blob(["x"]), { signal: controller.signal }), {
    name: "AbortError",
  });
  assert.equal((await api.GET("/api/files", { params: { query: { search: name } } })).total, 0);
});

test("the base URL may end in a slash or in /api", async () => {
  for (const ending of ["/", "/api", "/api/"]) {
    assert.equal((await client({ baseUrl: baseUrl + ending }).GET("/health")).status, "ok");
  }
});

test("tokens that are not what was stored are none", () => {
  const area = sharedArea();
  for (const text of ["", "{", "null", "[]", '{"accessToken": 1}']) {
    area.setItem("tokens", text);
    assert.equal(browserStorage("tokens", area).get(), null);
  }
});

test("the types know the endpoints", () => {
  const api = client();
  const wrong = () => [
    // @ts-expect-error there is no such path
    api.GET("/api/nothing"),
    // @ts-expect-error a body is required
    api.POST("/api/users"),
    // @ts-expect-error an id is required
    api.GET("/api/users/{user_id}"),
    // @ts-expect-error this is no list
    api.pages("/api/users/me"),
  ];
  assert.equal(typeof wrong, "function");
});
