// The form itself: what it says about mistakes, what it keeps, and that keys alone can fill it in.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VISITORS } from "./house/browser.js";
import { AT_ONCE, house, picture, walk } from "./house/house.js";
import {
  HOSTED, PAT, arrives, choose, describe as fillIn, handOver, heading, open, patience, payByCard, rush, submit, until,
} from "./house/supporter.js";

const WRONG = { ...PAT, first_name: "", email: "pat at example", line1: "" };

describe("the form", AT_ONCE, () => {
  const its = house();
  const each = (name, story) => {
    for (const visitor of VISITORS) {
      it(`${name} (${visitor.name})`, () =>
        walk(its, visitor, `${name} ${visitor.name}`, (page) => story(page, visitor, its.demo)));
    }
  };

  each("keeps what was typed and says by each field what to do", async (page, visitor, demo) => {
    await open(page, `${demo.donate}?appeal=form`);
    await choose(page, "amount", "other");
    await page.locator("#f-other_amount").fill("1,50");
    await choose(page, "frequency", "monthly");
    await choose(page, "method", "direct_debit");
    await page.locator("#f-gift_aid").check();
    await fillIn(page, WRONG);
    await patience(page);
    await submit(page).click();

    const summary = page.getByRole("alert");
    await summary.waitFor();
    assert.match(await page.title(), /^Error: /);
    assert.equal(await focused(page), await summary.evaluate((element) => element.outerHTML), "the summary has the focus");
    for (const [name, value] of Object.entries(WRONG)) {
      assert.equal(await page.locator(`#f-${name}`).inputValue(), value, name);
    }
    assert.equal(await page.locator("#f-other_amount").inputValue(), "1,50");
    for (const [name, value] of [["amount", "other"], ["frequency", "monthly"], ["method", "direct_debit"]]) {
      assert.equal(await page.locator(`input[name=${name}]:checked`).inputValue(), value, name);
    }
    assert.ok(await page.locator("#f-gift_aid").isChecked());
    assert.equal(await page.locator("input[name=appeal]").inputValue(), "form");

    const links = await summary.getByRole("link").all();
    assert.equal(links.length, 4, "other_amount, first_name, email, line1");
    for (const link of links) {
      const target = (await link.getAttribute("href")).slice(1);
      const field = page.locator(`[id="${target}"]`);
      assert.equal(await field.getAttribute("aria-invalid"), "true", target);
      const described = (await field.getAttribute("aria-describedby")).split(" ");
      const texts = await Promise.all(described.map((id) => page.locator(`[id="${id}"]`).textContent()));
      const advice = await link.textContent();
      assert.ok(texts.includes(`Error: ${advice}`), `${target} is described by its error`);
      await link.click();
      await until("the link leads to the field", async () => (await focusedId(page)) === target);
    }
  });

  each("an error in a group leads to its first button", async (page, visitor, demo) => {
    await open(page, demo.donate);
    await choose(page, "method", "direct_debit");
    await fillIn(page);
    await patience(page);
    await submit(page).click();
    const links = page.getByRole("alert").getByRole("link");
    assert.deepEqual(await links.allTextContents(), [
      "Choose an amount",
      "A Direct Debit is for regular gifts: choose how often, or pay by card",
    ]);
    for (const [place, name] of ["amount", "method"].entries()) {
      await links.nth(place).click();
      await until(`the link leads to ${name}`, async () => (await focusedId(page)) === `f-${name}`);
      assert.equal(await page.locator(`input[name=${name}]`).first().getAttribute("id"), `f-${name}`);
      const group = page.locator(`fieldset:has([name=${name}])`);
      const described = await group.getAttribute("aria-describedby");
      assert.ok(described.split(" ").includes(`e-${name}`), `the group of ${name} is described by its error`);
    }
  });

  each("who only types an amount has said enough", async (page, visitor, demo) => {
    await open(page, `${demo.donate}?appeal=typed${visitor.width}${visitor.scripts}`);
    await page.locator("#f-other_amount").fill("1234.56");
    await fillIn(page);
    await handOver(page, visitor);
    assert.ok(await page.getByText("£1,234.56").first().isVisible());
    const [{ amount }] = await demo.outcomes(`typed${visitor.width}${visitor.scripts}`);
    assert.equal(amount, 123_456);
  });

  each("an amount that is too small is said by the field it was typed in", async (page, visitor, demo) => {
    await open(page, demo.donate);
    await page.locator("#f-other_amount").fill("1");
    await fillIn(page);
    await patience(page);
    await submit(page).click();
    await page.getByRole("alert").getByRole("link").click();
    await until("the link leads to the field", async () => (await focusedId(page)) === "f-other_amount");
  });

  each("sent sooner than a person can, it asks once more and keeps everything", async (page, visitor, demo) => {
    await rush(page, demo.donate);
    assert.equal(await page.locator("#f-first_name").inputValue(), PAT.first_name);
    await choose(page, "amount", "25.00");
    await fillIn(page);
    await handOver(page, visitor);
  });

  each("keys alone are enough", async (page, visitor, demo) => {
    const keys = page.keyboard;
    const tabTo = async (id) => {
      for (let presses = 0; presses < 12; presses += 1) {
        await keys.press("Tab");
        if ((await focusedId(page)) === id) return assert.ok(await focusShows(page), `the focus on ${id} can be seen`);
      }
      assert.fail(`${id} is not reached by the tab key`);
    };
    await open(page, demo.donate);
    await keys.press("Tab");
    assert.equal(await page.locator(":focus").textContent(), "Skip to the content");
    await keys.press("Enter");
    await tabTo("f-amount");
    await keys.press("ArrowDown");
    assert.equal(await page.locator("input[name=amount]:checked").inputValue(), "25.00");
    await tabTo("f-frequency");
    await tabTo("f-method");
    for (const [name, value] of Object.entries(PAT)) {
      await tabTo(`f-${name}`);
      await keys.type(value === PAT.country ? "United K" : value);
    }
    await page.screenshot({ path: picture(`keyboard-${visitor.width}`) });
    await tabTo("f-gift_aid");
    await keys.press("Space");
    assert.ok(await page.locator("#f-gift_aid").isChecked());
    await patience(page);
    await keys.press("Enter");
    if (!visitor.scripts) {
      await heading(page).filter({ hasText: "Taking you to" }).waitFor();
      for (let presses = 0; presses < 5 && (await page.locator("button:focus").count()) === 0; presses += 1) {
        await keys.press("Tab");
      }
      await keys.press("Enter");
    }
    await arrives(page, HOSTED);
    assert.ok(await page.getByText("£25").first().isVisible());
    await payByCard(page, demo.card(/^Accepted; the webhook arrives before/));
    await heading(page).filter({ hasText: "Thank you" }).waitFor();
  });
});

const focused = (page) => page.evaluate(() => document.activeElement?.outerHTML);
const focusedId = (page) => page.evaluate(() => document.activeElement?.id);

/** Whether the focused element, or the tile around it, has an outline. */
function focusShows(page) {
  return page.evaluate(() => {
    const outlined = (element) => element && getComputedStyle(element).outlineStyle !== "none";
    return outlined(document.activeElement) || outlined(document.activeElement.closest(".option"));
  });
}
