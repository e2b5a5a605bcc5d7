"use strict";

// In a file of its own, so that no policy has to allow scripts in pages.
SwaggerUIBundle({
  url: new URL(document.currentScript.dataset.source, document.baseURI).href,
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null, // or the address of the document would be told to a site
});
