// Demo, browser and another site together, and what holds on every walk through them.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { after, before } from "node:test";
import { startBrowser } from "./browser.js";
import { PICTURES, startDemo } from "./demo.js";
import { startCharity, startElsewhere } from "./elsewhere.js";
import { PAT } from "./supporter.js";

/** How many walks go on at once: most of a walk is waiting for the form to come of age. */
export const AT_ONCE = { concurrency: 6 };

/** A house for all tests of a file; with the charity's own site beside it, whose forms are taken. */
export function house(kind, { charity = false } = {}) {
  const house = {};
  before(async () => {
    await mkdir(PICTURES, { recursive: true });
    if (charity) house.charity = await startCharity();
    house.demo = await startDemo(kind, charity ? [house.charity.origin] : []);
    await house.charity?.show(house.demo);
    house.browser = await startBrowser(house.demo);
    house.elsewhere = await startElsewhere();
  });
  after(async () => {
    await house.elsewhere?.stop();
    await house.charity?.stop();
    await house.browser?.stop();
    const { code, complaints } = (await house.demo?.stop()) ?? {};
    assert.equal(code, 0, `the demo ends in order: ${complaints}`);
    for (const word of Object.values(PAT).filter((word) => word.length > 3)) {
      assert.ok(!complaints.includes(word), "the log holds nothing that a supporter typed");
    }
  });
  return house;
}

/** Where a picture is kept. */
export const picture = (name) => path.join(PICTURES, `${name.replaceAll(/[^a-z0-9.-]+/gi, "-")}.png`);

/** One visitor's walk. Whatever the story is, these hold: nobody else is asked for anything, no
 * cookie is set but the one that remembers a time, the processor is not told where the visitor comes
 * from, no policy is violated. */
export async function walk(house, visitor, name, story) {
  const context = await house.browser.visit(visitor);
  const page = await context.newPage();
  const seen = observe(context, page);
  try {
    await story(page, context);
    await holds(house, context, seen);
  } catch (error) {
    await page.screenshot({ path: picture(`failed ${name}`), fullPage: true }).catch(() => {});
    throw error;
  } finally {
    await context.close();
  }
}

function observe(context, page) {
  const seen = { requests: [], complaints: [] };
  context.on("request", (request) => {
    const headers = request.allHeaders().catch(() => ({}));
    seen.requests.push({ url: new URL(request.url()), headers });
  });
  page.on("console", (message) => {
    // Chromium calls every 4xx a failed resource.
    const expected = /^Failed to load resource: the server responded with a status of 4/;
    if (message.type() === "error" && !expected.test(message.text())) seen.complaints.push(message.text());
  });
  page.on("pageerror", (error) => {
    // Chromium's own page in place of a frame that was refused, left while its script still ran.
    const chromiums = /TrustedTypePolicy.*callback is no longer runnable/;
    if (!chromiums.test(String(error))) seen.complaints.push(String(error));
  });
  return seen;
}

async function holds({ demo, elsewhere, charity }, context, { requests, complaints }) {
  const known = [demo.gateway, demo.mock, elsewhere.origin, charity?.origin];
  const strangers = requests.map(({ url }) => url.origin).filter((origin) => !known.includes(origin));
  assert.deepEqual([...new Set(strangers)], [], "requests to third parties");
  for (const { url, headers } of requests.filter(({ url }) => url.origin === demo.mock)) {
    const { referer = "" } = await headers;
    assert.ok(!referer.startsWith(demo.gateway), `F-8: ${url.pathname} was told the referrer ${referer}`);
  }
  for (const { name, value, domain, path, secure, httpOnly, sameSite } of await context.cookies()) {
    const whole = { name, domain, path, secure, httpOnly, sameSite };
    assert.deepEqual(whole, { name: "__Host-given", domain: "localhost", path: "/", secure: true, httpOnly: true, sameSite: charity ? "None" : "Lax" });
    assert.match(value, /^\d{10}\.[\w-]{43}$/, "a time and a keyed hash of it");
  }
  assert.deepEqual(complaints, [], "the browser has nothing to complain about");
}
