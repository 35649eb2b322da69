// Signs in, lists users page by page, and uploads a file with progress.

import { ApiError, browserStorage, HaloLight } from "halolight-client";

const api = new HaloLight({
  baseUrl: "http://localhost:8000",
  storage: browserStorage(), // survives a reload, and is shared by all tabs
  onSignedOut: () => show(null),
});

/** @type {AsyncGenerator<import("halolight-client").Page<import("halolight-client").Schema<"User">>>} */
let pages;

on("sign-in", "submit", async (form) => {
  const data = new FormData(form);
  show(await api.signIn(String(data.get("email")), String(data.get("password"))));
  await listUsers();
});

on("sign-out", "click", () => api.signOut());

on("more", "click", nextPage);

on("upload", "submit", async (form) => {
  const file = /** @type {File} */ (new FormData(form).get("file"));
  const abort = /** @type {HTMLButtonElement} */ (element("abort"));
  const bar = /** @type {HTMLProgressElement} */ (element("progress"));
  const controller = new AbortController();
  abort.onclick = () => controller.abort(new Error("Upload aborted"));
  abort.disabled = false;
  try {
    const uploaded = await api.upload(file, {
      signal: controller.signal,
      onProgress: ({ loaded, total }) => (bar.value = total && loaded / total),
    });
    say(`Uploaded ${uploaded.name}, ${uploaded.size} bytes`);
  } finally {
    abort.disabled = true;
    bar.value = 0;
  }
});

await attempt(async () => {
  if ((await api.userId()) === null) return show(null);
  show(await api.GET("/api/users/me"));
  await listUsers();
});

async function listUsers() {
  element("users").replaceChildren();
  pages = api.pages("/api/users", { params: { query: { sortBy: "name", sortOrder: "asc" } } });
  await nextPage();
}

async function nextPage() {
  const { value: page } = await pages.next();
  for (const { name, email, role } of page?.items ?? []) {
    const row = document.createElement("tr");
    for (const text of [name, email, role]) row.insertCell().textContent = text;
    element("users").append(row);
  }
  element("more").hidden = !page || page.page >= page.totalPages;
}

/** @param {{ name: string } | null} user */
function show(user) {
  element("sign-in").hidden = user !== null;
  element("signed-in").hidden = user === null;
  element("name").textContent = user?.name ?? "";
  say("");
}

/** @param {string} text */
function say(text, isError = false) {
  element("message").textContent = text;
  element("message").classList.toggle("error", isError);
}

/** Shows errors instead of losing them. @param {() => unknown} work */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    const fields =
      error instanceof ApiError
        ? error.details.map((each) => `${each.field}: ${each.message}`)
        : [];
    say([error instanceof Error ? error.message : error, ...fields].join("\n"), true);
  }
}

/** @param {string} id @param {string} type @param {(target: HTMLFormElement) => unknown} work */
function on(id, type, work) {
  element(id).addEventListener(type, (event) => {
    event.preventDefault();
    void attempt(() => work(/** @type {HTMLFormElement} */ (event.currentTarget)));
  });
}

/** @param {string} id @returns {HTMLElement} */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`There is no ${id}`);
  return found;
}
