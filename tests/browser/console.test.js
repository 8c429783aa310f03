// The operators' console: the door, the figures, the search, one hand-off, and how it looks.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { startBrowser } from "./house/browser.js";
import { PICTURES, startDemo } from "./house/demo.js";
import { picture } from "./house/house.js";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const SCHEMES = ["light", "dark"];
const WIDTHS = [1280, 360];
/** The narrowest a page must fit: 1280 px at a zoom of 400 % (WCAG 1.4.10). */
const NARROWEST = 320;

/** Five log-ins a minute may be tried from one network: no more are in all of this file. */
describe("the console", () => {
  let demo;
  let browser;
  before(async () => {
    await mkdir(PICTURES, { recursive: true });
    demo = await startDemo("month");
    browser = await startBrowser(demo);
  });
  after(async () => {
    await browser?.stop();
    const { code, complaints } = (await demo?.stop()) ?? {};
    assert.equal(code, 0, `the demo ends in order: ${complaints}`);
    assert.ok(!complaints.includes(demo.password), "the password is not in the log");
  });

  /** One operator's visit: nobody else is asked for anything, no script runs, the browser has nothing to complain of. */
  async function visit(options, story) {
    const context = await browser.visit(options);
    const page = await context.newPage();
    const strangers = new Set();
    const complaints = [];
    context.on("request", (request) => {
      const { origin } = new URL(request.url());
      if (origin !== new URL(demo.console).origin) strangers.add(origin);
    });
    page.on("console", (message) => {
      const expected = /^Failed to load resource: the server responded with a status of 4/;
      if (message.type() === "error" && !expected.test(message.text())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    try {
      await story(page, context);
      assert.deepEqual([...strangers], [], "requests to third parties");
      assert.deepEqual(complaints, [], "the browser has nothing to complain about");
    } catch (error) {
      await page.screenshot({ path: picture(`failed console ${JSON.stringify(options)}`), fullPage: true }).catch(() => {});
      throw error;
    } finally {
      await context.close();
    }
  }

  async function enter(page) {
    await page.goto(demo.console);
    await page.getByLabel("Password of the console").fill(demo.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { level: 1, name: "How things stand" }).waitFor();
  }

  it("lets in whoever knows the password, and nobody else", () =>
    visit({ scripts: false }, async (page, context) => {
      await page.goto(demo.console);
      assert.ok(page.url().endsWith("/console/log-in"));
      await page.getByLabel("Password of the console").fill("not the password");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("alert").getByText("That is not the password").waitFor();
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: picture(`console refused ${colorScheme}`), fullPage: true });
      }
      assert.equal((await context.cookies()).length, 0);
      await enter(page);
      const [{ name, secure, httpOnly, sameSite, path, expires }, ...others] = await context.cookies();
      assert.deepEqual({ name, secure, httpOnly, sameSite, path, expires }, {
        name: "__Host-console", secure: true, httpOnly: true, sameSite: "Strict", path: "/", expires: -1,
      });
      assert.equal(others.length, 0);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("heading", { level: 1, name: "Log in" }).waitFor();
      assert.equal((await context.cookies()).length, 0);
      await page.goto(demo.console);
      assert.ok(page.url().endsWith("/console/log-in"), "out is out");
    }));

  it("tells what the ledger holds, and one hand-off of it", () =>
    visit({}, async (page) => {
      await enter(page);
      const hand_offs = await demo.all();
      const count = (fits) => hand_offs.filter(fits).length.toLocaleString("en-GB");
      const month = page.getByRole("region", { name: "The last 30 days" });
      const told = await month.locator("dl.tiles dd").allInnerTexts();
      assert.equal(told[0], count(() => true));
      assert.equal(told[1], count(({ state }) => state === "accepted"));
      const outcomes = page.getByRole("region", { name: "Hand-offs by outcome" });
      await outcomes.getByText("The numbers").click();
      const days = outcomes.getByRole("table").getByRole("row");
      assert.equal(await days.count(), 32, "a head, 30 days and their sum");
      const sum = await days.last().getByRole("cell").allInnerTexts();
      const states = ["accepted", "declined", "cancelled", "lapsed", "handed_off", "in_doubt"];
      assert.deepEqual(sum, [count(() => true), ...states.map((state) => count((it) => it.state === state))]);
      const doubts = page.getByRole("region", { name: /^In doubt/ });
      assert.equal(await doubts.locator("li").count(), hand_offs.filter((it) => it.state === "in_doubt").length);

      const flagged = hand_offs.find(({ attention }) => attention.includes("mismatch"));
      await page.getByLabel("Reference").fill(flagged.reference.toLowerCase());
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByRole("heading", { level: 1, name: flagged.reference }).waitFor();
      const events = await page.locator("ol.timeline li").allInnerTexts();
      assert.match(events[0], /Written down/);
      assert.match(events[1], /Not believed: .+ was named, .+ was asked for\. It said: Accepted[^]*Evidence: the processor's webhook/);
      await page.getByText("Mismatch: another amount").waitFor();
      await page.getByLabel("Reference").fill("pat@example.org");
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByRole("heading", { level: 1, name: "Not a reference" }).waitFor();
      assert.ok(!(await page.content()).includes("pat@"), "what was typed is not repeated");
    }));

  for (const scheme of SCHEMES) {
    it(`looks well, ${scheme}`, () =>
      visit({ colorScheme: scheme }, async (page) => {
        await page.goto(demo.console);
        await looksWell(page, `console log-in ${scheme}`);
        await enter(page);
        await looksWell(page, `console ${scheme}`);
        // Anew: axe leaves marks of its own on a page.
        await page.goto(demo.console);
        await page.locator("summary").evaluateAll((all) => all.forEach((each) => each.click()));
        await looksWell(page, `console opened ${scheme}`);
        await page.locator(".items a").first().click();
        await page.getByRole("heading", { name: "What happened" }).waitFor();
        await looksWell(page, `console hand-off ${scheme}`);
      }));
  }
});

async function looksWell(page, name) {
  assert.equal(await page.evaluate(() => document.scripts.length), 0, "scripts");
  assert.equal(await page.locator("[style], style").count(), 0, "inline styles");
  assert.equal(await page.locator("h1").count(), 1, "one heading of the first rank");
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: picture(`${name}-${width}`), fullPage: true });
    // In legacy mode axe opens no page of its own, which would be taken for a stranger's.
    const { violations, incomplete } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
    const told = ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`;
    assert.deepEqual(violations.map(told), [], `axe, ${width} px`);
    // A cell that is scrolled out of sight in a narrow table's own region is seen at the other width.
    const seen = ({ html }) => width === WIDTHS[0] || !/^<t[dh]/.test(html);
    const doubtful = incomplete.map(({ id, nodes }) => ({ id, nodes: nodes.filter(seen) }));
    assert.deepEqual(doubtful.filter(({ nodes }) => nodes.length > 0).map(told), [], `axe is in doubt, ${width} px`);
  }
  for (const width of [...WIDTHS, NARROWEST]) {
    await page.setViewportSize({ width, height: 640 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${name} scrolls at ${width} px: ${wide}`);
  }
}
