// What browsers, impatient people and other sites do, and that it costs nobody a second payment.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VISITORS } from "./house/browser.js";
import { AT_ONCE, house, walk } from "./house/house.js";
import {
  HOSTED, RETURNED, arrive, arrives, choose, describe as fillIn, give, giveTwice, handOver, heading, open, patience,
  pay, payByCard, showCard, submit, until,
} from "./house/supporter.js";

const ACCEPTED = /^Accepted; the webhook arrives before/;

describe("safety", AT_ONCE, () => {
  const its = house();
  let appeals = 0;
  const each = (name, visitors, story) => {
    for (const visitor of visitors) {
      it(`${name} (${visitor.name})`, () => {
        const appeal = `s${(appeals += 1)}`;
        const donate = `${its.demo.donate}?appeal=${appeal}`;
        const states = async () => (await its.demo.outcomes(appeal)).map(({ state }) => state).sort();
        return walk(its, visitor, `${name} ${visitor.name}`, (page, context) =>
          story({ page, context, visitor, donate, states, appeal, ...its }));
      });
    }
  };
  const withScripts = VISITORS.filter(({ scripts }) => scripts);
  const withoutScripts = VISITORS.filter(({ scripts }) => !scripts);

  each("a double click on every button makes one charge", VISITORS, async ({ page, visitor, donate, states, demo }) => {
    await open(page, donate);
    await choose(page, "amount", "10.00");
    await fillIn(page);
    await patience(page);
    await submit(page).dblclick();
    if (!visitor.scripts) await page.getByRole("button", { name: /^Continue to RSM/ }).dblclick();
    await arrives(page, HOSTED);
    await showCard(page, demo.card(ACCEPTED));
    await pay(page).dblclick();
    await page.waitForLoadState();
    const back = page.getByRole("link", { name: "Go back to the charity" });
    await heading(page).filter({ hasText: /Thank you|This has been paid/ }).waitFor();
    if (await back.isVisible()) await back.click();
    await heading(page).filter({ hasText: "Thank you" }).waitFor();
    assert.deepEqual(await states(), ["accepted"]);
  });

  each("going back and sending once more charges once", VISITORS, async ({ page, visitor, donate, states, demo }) => {
    await give(page, visitor, donate);
    // Without scripts the hand-off page lies between; a browser does not show it again unasked, but an error, and a step
    // that is taken before that has come leads to it once more.
    const form = page.locator("#f-amount");
    const until = Date.now() + 60_000;
    while (!(await form.isVisible())) {
      assert.ok(Date.now() < until, "the form is reached by going back");
      await page.goBack().catch(() => {});
      await form.waitFor({ timeout: 2_000 }).catch(() => {});
    }
    arrive(page);
    await choose(page, "amount", "10.00");
    await fillIn(page);
    await handOver(page, visitor);
    await payByCard(page, demo.card(ACCEPTED));
    await arrives(page, RETURNED);
    assert.deepEqual(await states(), ["accepted", "handed_off"], "one payment, and one attempt that was left");
  });

  each("FM-68 a second tab is asked whether to give again, and gives when it says so", withScripts, async ({ page, visitor, donate, states, demo }) => {
    await giveTwice(page, donate);
    const question = page.getByRole("alert");
    await question.getByText(/^You gave (less than a|\d+) minutes? ago\. Do you want to give again\?$/).waitFor();
    assert.ok(await question.evaluate((element) => element === document.activeElement), "it is where the page begins");
    assert.deepEqual(await states(), ["handed_off"], "nothing is begun before the answer");
    await question.getByRole("button", { name: "Give again" }).click();
    if (!visitor.scripts) await page.getByRole("button", { name: /^Continue to / }).click();
    await arrives(page, HOSTED);
    assert.ok(await page.getByText("£25").first().isVisible(), "what was chosen is kept");
    await payByCard(page, demo.card(ACCEPTED));
    await arrives(page, RETURNED);
    assert.deepEqual(await states(), ["accepted", "handed_off"]);
  });

  each("who turned back may begin again without a question", withScripts, async ({ page, visitor, donate, states, context }) => {
    await give(page, visitor, donate);
    assert.equal((await context.cookies()).length, 1);
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await arrives(page, RETURNED);
    assert.deepEqual(await context.cookies(), [], "it is forgotten");
    await page.getByRole("link", { name: "Try again" }).click();
    assert.equal(await page.getByText("Do you want to give again?").count(), 0);
    assert.deepEqual(await states(), ["cancelled"]);
  });

  each("reloading the hand-off page keeps the reference", withoutScripts, async ({ page, donate, states, demo }) => {
    await open(page, donate);
    await choose(page, "amount", "10.00");
    await fillIn(page);
    await patience(page);
    await submit(page).click();
    const reference = page.locator("input[name=reference]");
    const first = await reference.inputValue();
    await page.reload();
    assert.equal(await reference.inputValue(), first);
    await page.getByRole("button", { name: /^Continue to/ }).click();
    await arrives(page, HOSTED);
    await payByCard(page, demo.card(ACCEPTED));
    await arrives(page, RETURNED);
    assert.deepEqual(await states(), ["accepted"]);
  });

  each("a form sent again after the payment leads to its outcome", withScripts, async ({ page, visitor, donate, states, demo }) => {
    let sent;
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().startsWith(demo.donate)) sent = request.postData();
    });
    await give(page, visitor, donate);
    await payByCard(page, demo.card(ACCEPTED));
    await arrives(page, RETURNED);
    const outcome = page.url();
    await open(page, demo.donate);
    await resend(page, sent);
    await arrives(page, RETURNED);
    assert.equal(page.url(), outcome);
    assert.equal(await heading(page).textContent(), "Thank you");
    assert.deepEqual(await states(), ["accepted"]);
  });

  each("a form sent again with another amount is shown once more", withScripts, async ({ page, visitor, donate, states, demo }) => {
    let sent;
    page.on("request", (request) => {
      if (request.method() === "POST" && request.url().startsWith(demo.donate)) sent = request.postData();
    });
    await give(page, visitor, donate);
    await open(page, demo.donate);
    await resend(page, sent.replace("amount=10.00", "amount=25.00"));
    await page.getByText("You have sent this form before").waitFor();
    assert.deepEqual(await states(), ["handed_off"], "nothing more was begun");
  });

  each("what stands in the return's address decides nothing", VISITORS, async ({ page, visitor, donate, states }) => {
    await give(page, visitor, donate);
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await arrives(page, RETURNED);
    const address = page.url();
    for (const query of ["?state=accepted", "?result=accepted&amount=1", "?transStatus=0&signature=00"]) {
      await page.goto(address + query);
      assert.equal(await heading(page).textContent(), "Your payment was not taken");
    }
    assert.deepEqual(await states(), ["cancelled"]);
    for (const forged of [address.replace(/.$/, (last) => (last === "A" ? "B" : "A")), `${address}A`, address.slice(0, -1)]) {
      const response = await page.goto(forged);
      assert.equal(response.status(), 404);
      assert.equal(await heading(page).textContent(), "There is nothing here");
    }
  });

  each("F-2 no page of ours stands in another's frame", VISITORS, async ({ page, visitor, donate, demo, elsewhere }) => {
    await give(page, visitor, donate);
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await arrives(page, RETURNED);
    const addresses = [demo.donate, demo.join, page.url(), `${demo.gateway}/nothing`];
    // Chromium says so on the console, which is not this visitor's fault.
    page.removeAllListeners("console");
    const refusals = [];
    page.on("requestfailed", (request) => refusals.push([request.url(), request.failure().errorText]));
    const innocent = elsewhere.page("<h1>Innocent</h1>");
    const frame = (address) => `<iframe src="${address}"></iframe>`;
    await page.goto(elsewhere.page([...addresses, innocent].map(frame).join("")));
    await page.frameLocator("iframe").last().getByText("Innocent").waitFor();
    const refused = addresses.map((address) => [address, "net::ERR_BLOCKED_BY_RESPONSE"]);
    await until("each frame is refused", () => refusals.length >= refused.length);
    assert.deepEqual(refusals.sort(), refused.sort());
    assert.equal(await page.locator("iframe").count(), 5);
  });

  each("F-9 who opened us has no hold on us", withScripts, async ({ page, context, demo, elsewhere }) => {
    await page.goto(elsewhere.page(`<a href="${demo.donate}" target="_blank" rel="opener">Donate</a>`));
    const [opened] = await Promise.all([context.waitForEvent("page"), page.getByRole("link").click()]);
    await heading(opened).waitFor();
    assert.equal(await opened.evaluate(() => window.opener), null);
  });

  each("F-8 no page tells others where a visitor comes from", withScripts, async ({ page, visitor, donate }) => {
    await give(page, visitor, donate);
    await page.getByRole("button", { name: "Cancel and go back" }).click();
    await arrives(page, RETURNED);
    const told = page.waitForRequest((request) => request.isNavigationRequest());
    await page.getByRole("link", { name: "Back to Harbour Lights" }).click();
    assert.equal((await (await told).allHeaders()).referer, undefined);
  });
});

/** Sends a form's bytes again, from a page of ours. */
function resend(page, sent) {
  return page.evaluate((fields) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: "/donate" });
    for (const [name, value] of new URLSearchParams(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  }, sent);
}
