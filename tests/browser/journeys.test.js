// From the form to the outcome, as a supporter goes: on a phone or at a desk, with scripts or without.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VISITORS } from "./house/browser.js";
import { AT_ONCE, house, walk } from "./house/house.js";
import {
  HOSTED, RETURNED, arrives, choose, describe as fillIn, give, handOver, heading, holdBack, open, payByCard, payByDebit,
} from "./house/supporter.js";

const ACCEPTED = /^Accepted; the webhook arrives before/;
const THANKS = "Thank you";

describe("journeys", AT_ONCE, () => {
  const its = house();
  let appeals = 0;

  /** Once for each kind of visitor; an appeal of its own finds the hand-off in the ledger. */
  const journey = (name, story) => {
    for (const visitor of VISITORS) {
      it(`${name} (${visitor.name})`, () => {
        const appeal = `j${(appeals += 1)}`;
        const donate = () => `${its.demo.donate}?appeal=${appeal}`;
        const states = async () => (await its.demo.outcomes(appeal)).map(({ state }) => state);
        return walk(its, visitor, `${name} ${visitor.name}`, (page) =>
          story({ page, visitor, appeal, states, donate: donate(), demo: its.demo }),
        );
      });
    }
  };

  const ends = async (page, title) => {
    await arrives(page, RETURNED);
    assert.equal(await heading(page).textContent(), title);
  };

  journey("a donation by card is accepted", async ({ page, visitor, donate, demo, appeal }) => {
    await give(page, visitor, donate);
    await payByCard(page, demo.card(ACCEPTED));
    await ends(page, THANKS);
    const [outcome, ...others] = await demo.outcomes(appeal);
    assert.deepEqual(others, []);
    const { state, amount, currency, frequency, method, kind } = outcome;
    assert.deepEqual(
      { state, amount, currency, frequency, method, kind },
      { state: "accepted", amount: 1000, currency: "GBP", frequency: "once", method: "card", kind: "donate" },
    );
    assert.equal(await page.locator(".reference").textContent(), outcome.reference);
    await page.reload();
    assert.equal(await heading(page).textContent(), THANKS, "a reload tells the same");
    assert.deepEqual((await demo.outcomes(appeal)).map((again) => again.changed_at), [outcome.changed_at]);
  });

  journey("a card is declined and another accepted", async ({ page, visitor, donate, demo, states }) => {
    await give(page, visitor, donate);
    await payByCard(page, demo.card(/^Declined; another/));
    await page.getByText("That was declined").waitFor();
    await payByCard(page, demo.card(ACCEPTED));
    await ends(page, THANKS);
    assert.deepEqual(await states(), ["accepted"]);
  });

  journey("a payment that is cancelled was not taken", async ({ page, visitor, donate, appeal, states }) => {
    await give(page, visitor, donate);
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await ends(page, "Your payment was not taken");
    assert.deepEqual(await states(), ["cancelled"]);
    await page.getByRole("link", { name: "Try again" }).click();
    await arrives(page, /\/donate\?/);
    assert.equal(await page.locator("input[name=appeal]").inputValue(), appeal, "the appeal comes along");
  });

  journey("the bank asks and the supporter approves", async ({ page, visitor, donate, demo, states }) => {
    await give(page, visitor, donate);
    await payByCard(page, demo.card(/3-D Secure/));
    await page.getByRole("button", { name: "Yes, approve" }).click();
    await ends(page, THANKS);
    assert.deepEqual(await states(), ["accepted"]);
  });

  journey("the bank asks and the supporter refuses", async ({ page, visitor, donate, demo, states }) => {
    await give(page, visitor, donate);
    await payByCard(page, demo.card(/3-D Secure/));
    await page.getByRole("button", { name: "No, refuse" }).click();
    await arrives(page, HOSTED);
    await page.getByRole("button", { name: "Go back without paying" }).click();
    await ends(page, "Your payment was not taken");
    assert.ok(["declined", "cancelled"].includes(...(await states())), "it was not accepted");
  });

  journey("a member joins by Direct Debit", async ({ page, visitor, demo, appeal }) => {
    await open(page, `${demo.join}?appeal=${appeal}`);
    await choose(page, "plan", "family");
    await page.locator("#f-gift_aid").check();
    await fillIn(page);
    await handOver(page, visitor);
    await payByDebit(page, demo.account(/^Mandate lodged; the webhook arrives before/));
    await ends(page, THANKS);
    const [{ state, amount, frequency, plan, gift_aid }] = await demo.outcomes(appeal);
    assert.deepEqual(
      { state, amount, frequency, plan, gift_aid },
      { state: "accepted", amount: 6000, frequency: "yearly", plan: "family", gift_aid: true },
    );
  });

  journey("a Direct Debit is cancelled", async ({ page, visitor, demo, appeal, states }) => {
    await open(page, `${demo.join}?appeal=${appeal}`);
    await fillIn(page);
    await handOver(page, visitor);
    await payByDebit(page, demo.account(/^Cancelled/));
    await ends(page, "Your Direct Debit was not set up");
    assert.deepEqual(await states(), ["cancelled"]);
  });

  journey("no webhook comes: still being confirmed, then received", async ({ page, visitor, donate, demo, states }) => {
    await give(page, visitor, donate);
    const letGo = await holdBack(page);
    await payByCard(page, demo.card(/no webhook/));
    await ends(page, "Your payment is still being confirmed");
    // The page looks again by itself.
    letGo();
    await page.getByRole("heading", { name: THANKS }).waitFor();
    assert.deepEqual(await states(), ["accepted"]);
  });

  journey("the processor sends the supporter back by POST", async ({ page, visitor, donate, demo, states }) => {
    await give(page, visitor, donate);
    await payByCard(page, demo.card(/by POST/));
    await page.getByRole("button", { name: "Go back to the charity" }).click();
    await ends(page, THANKS);
    assert.equal(await page.evaluate(() => location.search), "", "nothing of what was posted is in the address");
    assert.deepEqual(await states(), ["accepted"]);
  });
});
