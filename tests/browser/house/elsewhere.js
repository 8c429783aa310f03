// Another site: it frames us, opens us, and posts to us what it likes.

import { once } from "node:events";
import { createServer } from "node:http";

/** Serves one page at each address: whatever HTML stands in its query. */
export async function startElsewhere() {
  const server = createServer((request, response) => {
    const html = new URL(request.url, "http://localhost").searchParams.get("html") ?? "";
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(`<!doctype html><html lang="en"><title>Elsewhere</title>${html}`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
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
