// In Welsh from the form to the result: by the link, by the browser's own wish, and by the button that keeps what was typed.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { VISITORS } from "./house/browser.js";
import { AT_ONCE, house, picture, walk } from "./house/house.js";
import { PAT, arrive, choose, describe as fillIn, heading, open, patience, typeCard } from "./house/supporter.js";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const ACCEPTED = /^Accepted; the webhook arrives before/;

/** The page is said to be Welsh, axe finds nothing on it, it fits, and it is kept as a picture. */
async function isWelsh(page, name, { width, scripts }) {
  assert.equal(await page.locator("html").getAttribute("lang"), "cy", name);
  // Axe is a script.
  if (scripts) {
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true).analyze();
    assert.deepEqual(violations.map(({ id }) => id), [], `axe: ${name}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} fits`);
  }
  await page.screenshot({ path: picture(`welsh-${name}-${width}`), fullPage: true });
}

const send = (page) => page.getByRole("button", { name: "Ymlaen i dalu'n ddiogel" });

describe("in Welsh", AT_ONCE, () => {
  const its = house("card-api");
  const each = (name, more, story) => {
    for (const visitor of VISITORS) {
      const whole = { ...visitor, ...more };
      it(`${name} (${visitor.name})`, () => walk(its, whole, `welsh ${name} ${visitor.name}`, (page) => story(page, visitor, its.demo)));
    }
  };

  each("a gift by card, chosen by the link", {}, async (page, visitor, demo) => {
    await open(page, `${demo.donate}?appeal=welsh`);
    await page.getByRole("navigation", { name: "Languages" }).getByRole("link", { name: "Cymraeg" }).click();
    arrive(page);
    assert.match(page.url(), /\?appeal=welsh&lang=cy$/);
    await heading(page).waitFor();
    await isWelsh(page, "form", visitor);
    await choose(page, "amount", "25.00");
    await fillIn(page, { ...PAT, first_name: "", email: "pat at example", line1: "", postcode: "ZZ" });
    await patience(page);
    await send(page).click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.deepEqual(await alert.getByRole("link").allTextContents(), [
      "Rhowch eich enw cyntaf",
      "Rhowch gyfeiriad e-bost yn y fformat cywir, fel enw@enghraifft.com",
      "Rhowch linell gyntaf eich cyfeiriad",
      "Nid cod post yn y DU yw hwn: rhowch y cyfan ohono, fel SW1A 1AA, neu dewiswch wlad arall",
    ]);
    assert.match(await page.title(), /^Gwall: /);
    await isWelsh(page, "errors", visitor);
    await fillIn(page);
    await send(page).click();
    await heading(page).filter({ hasText: "Gwirio a thalu â cherdyn" }).waitFor();
    await isWelsh(page, "card", visitor);
    await typeCard(page, demo.card(ACCEPTED));
    await page.getByRole("button", { name: "Talu £25" }).click();
    await heading(page).filter({ hasText: "Diolch" }).waitFor();
    assert.match(page.url(), /\?lang=cy$/);
    await isWelsh(page, "result", visitor);
    await page.getByRole("link", { name: "English" }).click();
    await heading(page).filter({ hasText: "Thank you" }).waitFor();
  });

  each("a membership by Direct Debit, as the browser asks, and into English with all that was typed", { locale: "cy-GB" }, async (page, visitor, demo) => {
    await open(page, demo.join);
    await fillIn(page);
    await page.getByRole("button", { name: "English" }).click();
    await heading(page).filter({ hasText: "Become a member" }).waitFor();
    for (const [name, value] of Object.entries(PAT)) {
      assert.equal(await page.locator(`#f-${name}`).inputValue(), value, name);
    }
    assert.equal(await page.getByRole("alert").count(), 0, "nothing is wrong yet");
    await page.getByRole("button", { name: "Cymraeg" }).click();
    await heading(page).filter({ hasText: "Dod yn aelod" }).waitFor();
    await patience(page);
    await send(page).click();
    await heading(page).filter({ hasText: "Gwirio a chadarnhau eich Debyd Uniongyrchol" }).waitFor();
    await isWelsh(page, "debit", visitor);
    await page.locator("#f-account_name").fill("Canaryholder");
    await page.locator("#f-sort_code").fill("20-47-61");
    await page.locator("#f-account_number").fill("00012345");
    await page.locator("#f-account_holder").check();
    // The Enter key confirms, and does not change the language.
    await page.locator("#f-account_number").press("Enter");
    await heading(page).filter({ hasText: "Diolch" }).waitFor();
    await isWelsh(page, "member", visitor);
    await page.goto(`${demo.gateway}/nothing`);
    await heading(page).filter({ hasText: "Nid oes dim yma" }).waitFor();
    await isWelsh(page, "trouble", visitor);
  });
});
