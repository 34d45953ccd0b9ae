// Starts the viewer. Everything comes from this server; nothing is sent anywhere else.
"use strict";

SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#ui",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  defaultModelRendering: "model",
  displayOperationId: false,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  showExtensions: true,
  syntaxHighlight: { activated: true, theme: "agate" },
  tagsSorter: "alpha",
  tryItOutEnabled: true,
  // The hosted validator would be shown the document's address.
  validatorUrl: null,
});
