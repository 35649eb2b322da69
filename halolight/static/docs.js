// Starts whichever documentation page this is. Nothing is loaded from another server.
if (window.SwaggerUIBundle) {
  window.ui = SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    docExpansion: "none",
    filter: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    validatorUrl: null,
  });
} else {
  Redoc.init("/openapi.json", { hideDownloadButton: false }, document.getElementById("redoc"));
}
