// Debian's Chromium, trusting one demo's authority and nothing else of ours.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const run = promisify(execFile);

const FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** Every way a supporter may come: a phone or a desk, with scripts or without. */
export const VISITORS = [360, 1280].flatMap((width) =>
  [true, false].map((scripts) => ({
    width,
    scripts,
    name: `${width} px, scripts ${scripts ? "on" : "off"}`,
  })),
);

/** Starts Chromium with a home of its own, in which the demo's authority is trusted. */
export async function startBrowser(demo) {
  const home = await mkdtemp(path.join(os.tmpdir(), "almoner-chromium-"));
  await trust(home, demo.authority);
  const browser = await chromium.launch({
    executablePath: executable(),
    args: FLAGS,
    env: { ...process.env, HOME: home, XDG_DATA_HOME: path.join(home, ".local/share") },
  });
  return {
    /** A visitor with nothing remembered. */
    async visit({ width = 1280, scripts = true, ...more } = {}) {
      const context = await browser.newContext({
        viewport: { width, height: width < 600 ? 780 : 900 },
        javaScriptEnabled: scripts,
        locale: "en-GB",
        ...more,
      });
      // Long enough for a machine that is busy with other things.
      context.setDefaultTimeout(60_000);
      return context;
    },
    async stop() {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Chromium reads its users' authorities from an NSS database; which folder depends on its age. */
async function trust(home, authority) {
  for (const folder of [".pki/nssdb", ".local/share/pki/nssdb"]) {
    const database = path.join(home, folder);
    await mkdir(database, { recursive: true });
    await run("certutil", ["-d", `sql:${database}`, "-N", "--empty-password"]);
    await run("certutil", ["-d", `sql:${database}`, "-A", "-t", "C,,", "-n", "almoner demo", "-i", authority]);
  }
}

function executable() {
  const known = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].filter(Boolean);
  const found = known.find((file) => existsSync(file));
  if (!found) throw new Error("Chromium is not installed: apt-get install chromium, or name it in CHROMIUM");
  return found;
}
