// Starts whichever documentation page this is. Nothing is loaded from another server.
if (window.SwaggerUIBundle) {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    persistAuthorization: true,
    requestInterceptor: renewIfExpired,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
  document.getElementById("sign-in").addEventListener("submit", signIn);
} else {
  Redoc.init("/openapi.json", { hideDownloadButton: false }, document.getElementById("redoc"));
}

// Sign-in with an email address and a password. The tokens are in the memory of this page; only the
// access token is also in Swagger UI, as if it had been pasted into "Authorize".
var tokens = null; // of the last sign-in, and `until`: when the access token is too old to send
var renewing = null; // the renewal in progress: one for all requests that wait for it

async function ask(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const envelope = await response.json();
  if (!envelope.success) throw new Error(envelope.error.message);
  return envelope.data;
}

function keep(data) {
  tokens = { ...data, until: Date.now() + (data.expiresIn - 30) * 1000 };
  window.ui.preauthorizeApiKey("bearerAuth", tokens.accessToken);
  say(`Signed in as ${data.user.email}`);
}

function say(text) {
  document.getElementById("sign-in-state").textContent = text;
}

async function signIn(event) {
  event.preventDefault();
  const form = event.target;
  say("Signing in ...");
  try {
    keep(await ask("/api/auth/login", { email: form.email.value, password: form.password.value }));
    form.password.value = "";
  } catch (error) {
    say(error.message);
  }
}

async function renew() {
  const { refreshToken } = tokens;
  try {
    keep(await ask("/api/auth/refresh", { refreshToken }));
  } catch (error) {
    tokens = null;
    window.ui.authActions.logout(["bearerAuth"]);
    say(`Sign in again: ${error.message}`);
  }
}

// Swagger UI calls this before each request.
async function renewIfExpired(request) {
  const sent = tokens && request.headers.Authorization === `Bearer ${tokens.accessToken}`;
  if (sent && Date.now() > tokens.until) {
    renewing ??= renew().finally(() => (renewing = null));
    await renewing;
    if (tokens) request.headers.Authorization = `Bearer ${tokens.accessToken}`;
  }
  return request;
}
