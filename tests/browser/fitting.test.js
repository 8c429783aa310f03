// The charity's own site, on another origin: what docs/fitting-in.md says to copy is copied from there and clicked.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, it } from "node:test";
import { VISITORS } from "./house/browser.js";
import { AT_ONCE, house, walk } from "./house/house.js";
import {
  HOSTED, PAT, RETURNED, arrive, arrives, handOver, heading, open, payByCard, payByDebit,
} from "./house/supporter.js";

const GUIDE = await readFile(new URL("../../docs/fitting-in.md", import.meta.url), "utf8");
const ACCEPTED = /^Accepted; the webhook arrives before/;
const LABELS = {
  title: "Title", first_name: "First name", last_name: "Last name", email: "Email", phone: "Phone (optional)",
  line1: "Address", line2: "Address, second line (optional)", town: "Town", postcode: "Postcode",
};

describe("fitting in", AT_ONCE, () => {
  const its = house("signed", { charity: true });
  let appeals = 0;
  const each = (name, story) => {
    for (const visitor of VISITORS) {
      it(`${name} (${visitor.name})`, () => {
        const appeal = `f${(appeals += 1)}`;
        /** A box of the guide as the charity would paste it, of an appeal of its own. */
        const box = (name) => {
          const [, html] = new RegExp(`\`\`\`html ${name}\n(.*?)\`\`\``, "s").exec(GUIDE);
          const pasted = html.replaceAll("https://give.charity.example", its.demo.gateway);
          return pasted.replaceAll("XMAS26", appeal).replaceAll("web:members/4711", `web:members/${appeal}`);
        };
        const outcomes = async () => its.demo.outcomes(appeal);
        return walk(its, visitor, `${name} ${visitor.name}`, (page, context) =>
          story({ page, context, visitor, box, outcomes, ...its }));
      });
    }
  };

  each("a gift from the charity's own form is paid, and its words come back", async ({ page, visitor, box, outcomes, demo, charity }) => {
    await page.goto(charity.page(box("donate")));
    await type(page);
    await send(page, visitor);
    assert.ok(await page.getByText("£25").first().isVisible());
    await payByCard(page, demo.card(ACCEPTED));
    await thanks(page);
    const [outcome, ...others] = await outcomes();
    assert.deepEqual(others, []);
    assert.deepEqual([outcome.state, outcome.amount, outcome.merchant_reference], ["accepted", 2500, "web:spring-letter/4711"]);
  });

  each("a membership from the charity's own form is set up", async ({ page, visitor, box, demo, charity }) => {
    await page.goto(charity.page(box("join")));
    await type(page);
    await page.getByLabel("Membership").selectOption("family");
    await send(page, visitor);
    assert.ok(await page.getByText("£60").first().isVisible());
    await payByDebit(page, demo.account(/^Mandate lodged; the webhook arrives before/));
    await thanks(page);
  });

  each("a mistake is told on our form, which goes on", async ({ page, visitor, box, outcomes, demo, charity }) => {
    await page.goto(charity.page(box("donate")));
    await type(page, { ...PAT, postcode: "!" });
    await page.getByLabel("Another amount").check();
    await page.getByLabel("Which, in pounds").fill("15");
    const answered = page.waitForResponse((response) => response.url() === demo.donate);
    await press(page);
    assert.equal((await answered).status(), 422);
    await page.getByRole("alert").waitFor();
    arrive(page);
    assert.equal(new URL(page.url()).origin, demo.gateway);
    for (const name of ["title", "first_name", "email", "phone", "line2", "town"]) {
      assert.equal(await page.locator(`#f-${name}`).inputValue(), PAT[name], name);
    }
    const field = page.locator("#f-postcode");
    assert.deepEqual([await field.inputValue(), await field.getAttribute("aria-invalid")], ["!", "true"]);
    await field.fill(PAT.postcode);
    await handOver(page, visitor);
    await payByCard(page, demo.card(ACCEPTED));
    await thanks(page);
    assert.deepEqual((await outcomes()).map((it) => [it.state, it.amount, it.merchant_reference]), [["accepted", 1500, "web:spring-letter/4711"]]);
  });

  each("a double click makes one payment, and a second form is asked about", async ({ page, visitor, box, outcomes, demo, charity }) => {
    const form = charity.page(box("donate"));
    await page.goto(form);
    await type(page);
    await page.getByRole("button", { name: "Continue to payment" }).dblclick();
    if (!visitor.scripts) await page.getByRole("button", { name: /^Continue to / }).click();
    await arrives(page, HOSTED);
    await payByCard(page, demo.card(ACCEPTED));
    await thanks(page);
    const accepted = async () => (await outcomes()).filter(({ state }) => state === "accepted").length;
    assert.equal(await accepted(), 1);
    await page.goto(form);
    await type(page);
    await press(page);
    await page.getByText(/^You gave (less than a|\d+) minutes? ago\. Do you want to give again\?$/).first().waitFor();
    assert.equal(await accepted(), 1);
  });

  each("a page that is not listed is refused and told what to do", async ({ page, box, outcomes, demo, charity, elsewhere }) => {
    const hidden = `<meta name="referrer" content="no-referrer">${box("donate")}`;
    for (const address of [elsewhere.page(box("donate")), charity.page(hidden)]) {
      await page.goto(address);
      await type(page);
      await press(page);
      await heading(page).filter({ hasText: "This form was sent from another site" }).waitFor();
      assert.ok(await page.getByText("Please open our form and fill it in there. Nothing was sent this time.").isVisible());
      const ours = page.getByRole("link", { name: "Make a donation" });
      assert.equal(new URL(await ours.getAttribute("href"), page.url()).href, demo.donate);
    }
    assert.deepEqual(await outcomes(), []);
  });

  each("links and buttons fill our form in", async ({ page, box, charity }) => {
    for (const [name, role, words] of [["link", "link", /Give £25/], ["buttons", "button", /^Give £25$/]]) {
      await page.goto(charity.page(box(name)));
      await page.getByRole(role, { name: words }).click();
      await heading(page).filter({ hasText: "Keep the lights burning" }).waitFor();
      assert.equal(await page.locator("input[name=amount]:checked").inputValue(), "25.00");
      assert.match(await page.locator("input[name=appeal]").inputValue(), /^f\d+$/);
    }
  });

  each("a member is led to where the processor tells what it holds", async ({ page, demo, context }) => {
    await open(page, demo.join);
    await page.getByRole("link", { name: "See or change your membership" }).click();
    await heading(page).filter({ hasText: "Your membership" }).waitFor();
    assert.equal(new URL(page.url()).origin, demo.mock);
    assert.deepEqual(await context.cookies(), []);
  });
});

/** Types what the form asks for. */
async function type(page, person = PAT) {
  for (const [name, label] of Object.entries(LABELS)) {
    const field = page.getByLabel(label, { exact: true });
    if ((await field.count()) === 1) await field.fill(person[name]);
  }
}

const press = (page) => page.getByRole("button", { name: "Continue to payment" }).click();

/** Sends it, and without scripts the hand-off page too; ends on the processor's page. */
async function send(page, { scripts }) {
  await press(page);
  if (!scripts) await page.getByRole("button", { name: /^Continue to RSM/ }).click();
  await arrives(page, HOSTED);
}

async function thanks(page) {
  await arrives(page, RETURNED);
  assert.equal(await heading(page).textContent(), "Thank you");
}
