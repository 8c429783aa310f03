// Every page: what axe finds, how many scripts it has, whether it fits, how it looks.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { AT_ONCE, house, picture, walk } from "./house/house.js";
import { CARD_SCENES, RSM_SCENES, SCENES } from "./house/scenes.js";

const RULES = [
  "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
];
/** The narrowest a page must fit: 1280 px at a zoom of 400 % (WCAG 1.4.10). */
const NARROWEST = 320;

const KINDS = [["signed", SCENES, AT_ONCE], ["rsm2000", RSM_SCENES, AT_ONCE], ["card-api", CARD_SCENES, {}]];

for (const [kind, scenes, pace] of KINDS) describe(`every page, ${kind}`, pace, () => {
  const its = house(kind);
  for (const scene of scenes) {
    it(scene.name, () =>
      walk(its, { width: 1280 }, scene.name, async (page) => {
        let status;
        page.on("response", (response) => {
          if (response.request().isNavigationRequest()) status = response.status();
        });
        await scene.come(page, its.demo, its.elsewhere);
        await page.waitForLoadState();
        // A page that looks again by itself does not do so while it is looked at, which takes a slow machine long.
        await page.route("**/return/**", (route) => route.abort("aborted"));
        assert.equal(status, scene.status ?? 200);
        assert.equal(await page.evaluate(() => document.scripts.length), scene.scripts ?? 0, "scripts");
        assert.equal(await page.locator("[style], style").count(), 0, "inline styles");
        assert.equal(await page.locator("h1").count(), 1, "one heading of the first rank");

        for (const width of [1280, 360]) {
          await page.setViewportSize({ width, height: 800 });
          await page.screenshot({ path: picture(`${scene.name}-${width}`), fullPage: true });
          await findsNothing(page);
        }
        await fits(page, NARROWEST);
        await page.setViewportSize({ width: 640, height: 450 });
        await fits(page, 640);
        await page.emulateMedia({ forcedColors: "active" });
        await page.screenshot({ path: picture(`${scene.name}-forced-colours`), fullPage: true });
        await page.emulateMedia({ forcedColors: "none", media: "print" });
        await page.screenshot({ path: picture(`${scene.name}-print`), fullPage: true });
      }),
    );
  }
});

async function findsNothing(page) {
  // In legacy mode axe opens no page of its own, which the walk would take for a stranger's.
  const { violations, incomplete } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
  const told = ({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`;
  assert.deepEqual(violations.map(told), [], "axe");
  assert.deepEqual(incomplete.map(told), [], "axe is in doubt");
}

/** Nothing sticks out sideways: neither the page nor anything on it. */
async function fits(page, width) {
  await page.setViewportSize({ width, height: 640 });
  const outside = await page.evaluate(() =>
    [...document.querySelectorAll("body *:not(.skip, .hidden, .spoken)")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
      .map((element) => element.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(outside, [], `at ${width} px`);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `scrolls at ${width} px`);
}
