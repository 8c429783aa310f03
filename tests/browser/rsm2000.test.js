// RSM's own formats, as a supporter meets them: on a phone or at a desk, with scripts or without.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { VISITORS } from "./house/browser.js";
import { AT_ONCE, house, walk } from "./house/house.js";
import { RETURNED, arrives, confirm, give, heading, instruct, payAtRsm } from "./house/supporter.js";

const ACCEPTED = /^Accepted; the webhook arrives before/;
const LODGED = /^Mandate lodged; the webhook arrives before/;
const REFUSED = /^Refused/;

describe("RSM's own formats", AT_ONCE, () => {
  const its = house("rsm2000");
  let appeals = 0;

  for (const visitor of VISITORS) {
    const journey = (name, story) =>
      it(`${name} (${visitor.name})`, () => {
        const appeal = `r${(appeals += 1)}`;
        return walk(its, visitor, `rsm2000 ${name} ${visitor.name}`, (page) => story(page, its.demo, appeal));
      });
    const ends = async (page, demo, appeal, title, states) => {
      await arrives(page, RETURNED);
      assert.equal(await heading(page).textContent(), title);
      assert.deepEqual((await demo.outcomes(appeal)).map(({ state }) => state).sort(), states);
    };

    journey("a donation by card on RSM's page", async (page, demo, appeal) => {
      await give(page, visitor, `${demo.donate}?appeal=${appeal}`);
      await payAtRsm(page, demo.card(ACCEPTED), visitor);
      await ends(page, demo, appeal, "Thank you", ["accepted"]);
    });

    journey("a membership by Direct Debit, confirmed here", async (page, demo, appeal) => {
      await instruct(page, `${demo.join}?appeal=${appeal}`);
      for (const text of ["HARBOUR LIGHTS", "123456", "Canaryfirst", "The Direct Debit Guarantee"]) {
        await page.getByText(text).first().waitFor();
      }
      // The Enter key confirms; it must never lead back.
      await page.locator("#f-account_name").press("Enter");
      await page.getByRole("alert").waitFor();
      await confirm(page, demo.account(LODGED));
      await ends(page, demo, appeal, "Thank you", ["accepted"]);
    });

    journey("an account that is refused, then another", async (page, demo, appeal) => {
      await instruct(page, `${demo.join}?appeal=${appeal}`);
      await confirm(page, demo.account(REFUSED));
      await page.getByRole("alert").waitFor();
      for (const name of ["account_name", "sort_code", "account_number"]) {
        assert.equal(await page.locator(`#f-${name}`).inputValue(), "", "bank details are never shown back");
      }
      await new Promise((resolve) => setTimeout(resolve, 3_200));
      await confirm(page, demo.account(LODGED));
      await ends(page, demo, appeal, "Thank you", ["accepted", "declined"]);
    });
  }
});
