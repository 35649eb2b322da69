/** Bytes of the file. */
export interface Progress {
  loaded: number;
  total: number;
}

export interface UploadOptions {
  /** The name of the file; by default that of the `File`. */
  name?: string;
  /** The path of an existing folder, such as `/reports`. */
  path?: string;
  /** The id of a folder, instead of `path`. */
  folderId?: number;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

export interface Upload extends UploadOptions {
  url: string;
  headers: Record<string, string>;
  file: Blob;
  fetch: typeof globalThis.fetch;
}

/** Only XMLHttpRequest knows in a browser how much was sent. Elsewhere fetch sends a stream. */
export function sendFile(upload: Upload): Promise<Response> {
  const form = formOf(upload);
  if (typeof XMLHttpRequest !== "undefined") return sendByXhr(upload, form);
  return upload.onProgress ? sendStream(upload, form) : sendForm(upload, { body: form });
}

function formOf({ file, name, path, folderId }: Upload): FormData {
  const form = new FormData();
  if (path !== undefined) form.append("path", path);
  if (folderId !== undefined) form.append("folderId", `${folderId}`);
  form.append("file", file, name ?? (file as Partial<File>).name ?? "file");
  return form;
}

function sendByXhr(
  { url, headers, file, onProgress, signal }: Upload,
  form: FormData,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    xhr.open("POST", url);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    if (onProgress) xhr.upload.onprogress = ({ loaded }) => onProgress(progress(loaded, file));
    xhr.onload = () => resolve(responseOf(xhr));
    xhr.onerror = () => reject(new TypeError("Network error"));
    xhr.onabort = () => reject(signal?.reason);
    xhr.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort);
    xhr.send(form);
  });
}

function responseOf(xhr: XMLHttpRequest): Response {
  const lines = xhr.getAllResponseHeaders().split("\r\n").filter(Boolean);
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Response(xhr.responseText || null, { status: xhr.status, headers });
}

/** Counts the bytes of the form when fetch takes them. */
function sendStream(upload: Upload, form: FormData): Promise<Response> {
  const { headers, file, onProgress } = upload;
  const encoded = new Response(form);
  let loaded = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      loaded += chunk.byteLength;
      onProgress?.(progress(loaded, file));
    },
  });
  const type = { "Content-Type": encoded.headers.get("Content-Type") ?? "multipart/form-data" };
  const body = encoded.body?.pipeThrough(counter) ?? null;
  return sendForm({ ...upload, headers: { ...headers, ...type } }, { body, duplex: "half" });
}

function sendForm(
  { url, headers, signal, fetch }: Upload,
  init: RequestInit & { duplex?: "half" },
) {
  return fetch(url, { method: "POST", headers, signal: signal ?? null, ...init });
}

/** The form is some hundred bytes longer than the file in it. */
function progress(sent: number, { size }: Blob): Progress {
  return { loaded: Math.min(sent, size), total: size };
}
