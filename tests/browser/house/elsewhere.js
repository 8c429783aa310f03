// Another site: it frames us, opens us, and posts to us what it likes.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import path from "node:path";

/** Serves one page at each address: whatever HTML stands in its query. */
export function startElsewhere() {
  return start("http", createServer(show));
}

/** The charity's own site, over TLS: its origin is known before the demo is, and its certificate is the demo's. */
export async function startCharity() {
  const server = createTlsServer(show);
  return {
    ...(await start("https", server)),
    async show({ authority }) {
      const [cert, key] = ["server.pem", "server-key.pem"].map((name) => readFile(path.join(path.dirname(authority), name)));
      server.setSecureContext({ cert: await cert, key: await key });
    },
  };
}

function show(request, response) {
  const html = new URL(request.url, "http://localhost").searchParams.get("html") ?? "";
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Elsewhere</title>${html}`);
}

async function start(scheme, server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `${scheme}://127.0.0.1:${server.address().port}`;
  return {
    origin,
    page: (html) => `${origin}/?html=${encodeURIComponent(html)}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
