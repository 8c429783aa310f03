// The card typed on our own page and sent by API: what the supporter is told, what our ledger holds, and what the
// processor's own ledger says was taken. However it goes, that is one charge at most.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VISITORS } from "./house/browser.js";
import { AT_ONCE, house, walk } from "./house/house.js";
import {
  RETURNED, arrives, confirm, heading, holdBack, instruct, mockLedger, payByApi, payHere, press, toCard, typeCard, until,
} from "./house/supporter.js";

const ACCEPTED = /^Accepted; the webhook arrives before/;
const THANKS = "Thank you";
const NOT_TAKEN = "Your payment was not taken";
const CHECKING = "Your payment is still being confirmed";
const CARD_FIELDS = ["card_number", "card_expiry", "card_cvc", "card_holder"];

/** The stories of one demo; an appeal of its own finds each one's hand-offs in the ledger. */
const stories = (letter, visitors) => {
  const its = house("card-api");
  let appeals = 0;
  return (name, story) => {
    for (const visitor of visitors) {
      it(`${name} (${visitor.name})`, () => {
        const appeal = `${letter}${(appeals += 1)}`;
        return walk(its, visitor, `card-api ${name} ${visitor.name}`, (page, context) => {
          const demo = its.demo;
          const outcomes = () => demo.outcomes(appeal);
          const states = async () => (await outcomes()).map(({ state }) => state).sort();
          const taken = async () => mockLedger(context, demo, await page.locator(".reference").innerText());
          const donate = `${demo.donate}?appeal=${appeal}`;
          return story({ page, context, visitor, demo, appeal, donate, outcomes, states, taken });
        });
      });
    }
  };
};

const ends = async (page, title) => {
  await arrives(page, RETURNED);
  await heading(page).filter({ hasText: title }).waitFor();
};

describe("a card by API", AT_ONCE, () => {
  const journey = stories("c", VISITORS);

  journey("it is accepted, and nothing of it stays anywhere", async ({ page, demo, donate, outcomes, taken }) => {
    const number = demo.card(ACCEPTED);
    const addresses = [];
    page.on("request", (request) => addresses.push(request.url()));
    page.on("framenavigated", (frame) => addresses.push(frame.url()));
    await toCard(page, donate);
    await payByApi(page, number);
    await ends(page, THANKS);
    const [{ state, amount, method }, ...others] = await outcomes();
    assert.deepEqual([state, amount, method, others], ["accepted", 1000, "card", []]);
    const { Calls, Attempts, Charges } = await taken();
    assert.deepEqual({ Calls, Attempts, Charges }, { Calls: "1", Attempts: "1", Charges: "1" });
    for (const text of [...addresses, await page.content()]) {
      for (const part of [number, number.replaceAll(" ", ""), "Canaryholder"]) {
        assert.ok(!text.includes(part), `${part} in ${text.slice(0, 200)}`);
      }
    }
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  });

  journey("mistakes are told by field, and no field of the card is shown back", async ({ page, demo, donate, states }) => {
    await toCard(page, donate);
    await payHere(page).click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    assert.equal(await alert.getByRole("link").count(), CARD_FIELDS.length, "each field that is missing");
    await typeCard(page, demo.card(ACCEPTED));
    await page.locator("#f-card_cvc").fill("7");
    await payHere(page).click();
    await alert.getByText("Enter the security code").waitFor();
    assert.equal(await alert.getByRole("link").count(), 1);
    for (const name of CARD_FIELDS) {
      assert.equal(await page.locator(`#f-${name}`).inputValue(), "", `${name} is never shown back`);
    }
    assert.ok(!/4242|Canaryholder/.test(await page.content()));
    assert.deepEqual(await states(), [], "nothing is begun");
    // The Enter key pays; it must never lead back.
    await typeCard(page, demo.card(ACCEPTED));
    await page.locator("#f-card_holder").press("Enter");
    await ends(page, THANKS);
  });

  journey("a declined card, then another", async ({ page, demo, appeal, donate, states, taken }) => {
    await toCard(page, donate);
    await payByApi(page, demo.card(/^Declined; another/));
    await ends(page, NOT_TAKEN);
    assert.deepEqual((await taken()).Charges, "0");
    await page.getByRole("link", { name: "Try again" }).click();
    await arrives(page, /\/donate\?/);
    await toCard(page, `${demo.donate}?appeal=${appeal}`);
    await payByApi(page, demo.card(ACCEPTED));
    await ends(page, THANKS);
    assert.deepEqual((await taken()).Charges, "1");
    assert.deepEqual(await states(), ["accepted", "declined"]);
  });

  for (const [answer, button, title, state, charges] of [
    ["approves", "Yes, approve", THANKS, "accepted", "1"],
    ["refuses", "No, refuse", NOT_TAKEN, "declined", "0"],
    ["walks away", "Go back without answering", NOT_TAKEN, "cancelled", "0"],
  ]) {
    journey(`the bank asks and the supporter ${answer}`, async ({ page, demo, donate, states, taken }) => {
      await toCard(page, donate);
      await payByApi(page, demo.card(/3-D Secure/));
      await page.getByRole("heading", { name: "Is it you?" }).waitFor();
      assert.deepEqual(await states(), ["in_doubt"], "until the bank has spoken");
      await page.getByRole("button", { name: button }).click();
      await ends(page, title);
      assert.equal((await taken()).Charges, charges);
      assert.deepEqual(await states(), [state]);
    });
  }

  journey("a double click on every button makes one charge", async ({ page, demo, donate, states, taken }) => {
    await toCard(page, donate);
    await typeCard(page, demo.card(ACCEPTED));
    await payHere(page).dblclick();
    await ends(page, THANKS);
    const { Calls, Charges } = await taken();
    assert.deepEqual({ Calls, Charges }, { Calls: "1", Charges: "1" });
    assert.deepEqual(await states(), ["accepted"]);
  });

  journey("going back after a payment leads to it again", async ({ page, demo, donate, states, taken }) => {
    await toCard(page, donate);
    await payByApi(page, demo.card(ACCEPTED));
    await ends(page, THANKS);
    const outcome = page.url();
    await page.goBack().catch(() => {});
    // A browser asks again for a page that came by POST only when told to: the form has been paid by then.
    for (let tries = 0; tries < 3 && !(await heading(page).filter({ hasText: THANKS }).isVisible()); tries += 1) await page.reload().catch(() => {});
    await ends(page, THANKS);
    assert.equal(page.url(), outcome, "it leads to the first payment");
    const { Calls, Charges } = await taken();
    assert.deepEqual({ Calls, Charges }, { Calls: "1", Charges: "1" });
    assert.deepEqual(await states(), ["accepted"]);
  });

  journey("a Direct Debit by API", async ({ page, demo, appeal, outcomes, taken }) => {
    await instruct(page, `${demo.join}?appeal=${appeal}`);
    await confirm(page, demo.account(/^Mandate lodged; the webhook arrives before/));
    await ends(page, THANKS);
    assert.deepEqual((await outcomes()).map(({ state, method }) => [state, method]), [["accepted", "direct_debit"]]);
    assert.equal((await taken()).Charges, "1");
  });
});

// What is pressed is meant for the next call: one walk after another.
describe("a card by API when something goes wrong", () => {
  const journey = stories("w", VISITORS.filter(({ width, scripts }) => (width === 360) === scripts));

  journey("the reply is lost: we are checking, and the page turns to the truth by itself", async ({ page, context, demo, donate, states, taken }) => {
    await press(context, demo, "Lose the next reply");
    await toCard(page, donate);
    const letGo = await holdBack(page);
    await payByApi(page, demo.card(ACCEPTED));
    await arrives(page, RETURNED);
    assert.equal(await heading(page).textContent(), CHECKING);
    await page.getByText("We are checking. Do not pay again.").waitFor();
    const { Calls, Charges, Webhooks } = await taken();
    assert.deepEqual({ Calls, Charges, Webhooks }, { Calls: "1", Charges: "1", Webhooks: "0" });
    letGo();
    await heading(page).filter({ hasText: THANKS }).waitFor();
    assert.deepEqual(await states(), ["accepted"]);
    assert.deepEqual((await taken()).Calls, "1", "it was asked about, never sent again");
  });

  journey("the answer is late, and an impatient supporter presses again", async ({ page, context, demo, donate, states, taken }) => {
    await press(context, demo, "Answer the next 20 seconds late");
    await toCard(page, donate);
    await typeCard(page, demo.card(ACCEPTED));
    await payHere(page).scrollIntoViewIfNeeded();
    const { x, y, width, height } = await payHere(page).boundingBox();
    for (let times = 0; times < 3; times += 1) {
      await page.mouse.click(x + width / 2, y + height / 2);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    await ends(page, THANKS);
    const { Calls, Charges } = await taken();
    assert.deepEqual({ Calls, Charges }, { Calls: "1", Charges: "1" });
    assert.deepEqual(await states(), ["accepted"]);
  });

  journey("it is answered twice", async ({ page, context, demo, donate, states, taken }) => {
    await press(context, demo, "Answer the next twice");
    await toCard(page, donate);
    await payByApi(page, demo.card(ACCEPTED));
    await ends(page, THANKS);
    let told;
    await until("the second webhook", async () => (told = await taken()).Webhooks === "2");
    assert.deepEqual([told.Charges, told.Webhooks], ["1", "2"]);
    assert.deepEqual(await states(), ["accepted"]);
  });

  journey("the request is lost: nothing was taken, and nothing is sent again", async ({ page, context, demo, donate, states, taken }) => {
    await press(context, demo, "Lose the next request");
    await toCard(page, donate);
    await payByApi(page, demo.card(ACCEPTED));
    await ends(page, CHECKING);
    const { Calls, Charges } = await taken();
    assert.deepEqual({ Calls, Charges }, { Calls: "1", Charges: "0" });
    assert.deepEqual(await states(), ["in_doubt"]);
  });

  journey("the next is declined", async ({ page, context, demo, donate, states }) => {
    await press(context, demo, "Decline the next");
    await toCard(page, donate);
    await payByApi(page, demo.card(ACCEPTED));
    await ends(page, NOT_TAKEN);
    assert.deepEqual(await states(), ["declined"]);
  });
});
