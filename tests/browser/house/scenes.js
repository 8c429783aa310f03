// Every page there is, and how to come to it.

import {
  PAT, choose, confirm, describe, give, giveTwice, handOver, instruct, open, patience, payAtRsm, payByApi, payByCard, payByDebit,
  press, rush, submit, toCard,
} from "./supporter.js";

const WITH_SCRIPTS = { scripts: true };

async function wrongly(page, address, person) {
  await open(page, address);
  await describe(page, person);
  await patience(page);
  await submit(page).click();
}

async function byDebit(page, demo) {
  await open(page, demo.join);
  await describe(page);
  await handOver(page, WITH_SCRIPTS);
}

const WRONG = { ...PAT, first_name: "", email: "pat at example", postcode: "nowhere", line1: "" };

/** Name of the picture, how to come there, and the status that the page is answered with. */
export const SCENES = [
  { name: "donate", come: (page, demo) => open(page, demo.donate) },
  { name: "donate-prefilled", come: (page, demo) => open(page, `${demo.donate}?amount=123450`) },
  {
    name: "donate-direct-debit",
    async come(page, demo) {
      await open(page, demo.donate);
      await choose(page, "frequency", "monthly");
      await choose(page, "method", "direct_debit");
      await page.locator("#f-gift_aid").check();
    },
  },
  {
    name: "donate-errors",
    async come(page, demo) {
      await open(page, demo.donate);
      await choose(page, "amount", "other");
      await choose(page, "method", "direct_debit");
      await describe(page, WRONG);
      await patience(page);
      await submit(page).click();
    },
    status: 422,
  },
  {
    name: "donate-too-quick",
    come: (page, demo) => rush(page, demo.donate),
    status: 403,
  },
  { name: "donate-again", come: (page, demo) => giveTwice(page, demo.donate), status: 409 },
  {
    name: "donate-again-empty",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await open(page, demo.donate);
      await page.getByText("Do you want to give again?").waitFor();
    },
  },
  {
    name: "join-as-well",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await open(page, demo.join);
    },
  },
  { name: "join", come: (page, demo) => open(page, demo.join) },
  { name: "join-errors", come: (page, demo) => wrongly(page, demo.join, WRONG), status: 422 },
  {
    name: "hand-off",
    async come(page, demo) {
      // Its script submits at once; here it presses in vain, so that the page can be looked at.
      await page.addInitScript(() => {
        HTMLFormElement.prototype.submit = () => {};
      });
      await open(page, demo.donate);
      await choose(page, "amount", "10.00");
      await describe(page);
      await patience(page);
      await submit(page).click();
    },
    scripts: 1,
  },
  { name: "mock-members", come: (page, demo) => page.goto(`${demo.gateway}/manage`) },
  { name: "mock-front", come: (page, demo) => page.goto(demo.mock) },
  { name: "mock-card", come: (page, demo) => give(page, WITH_SCRIPTS, demo.donate) },
  {
    name: "mock-card-errors",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await payByCard(page, "1234");
    },
    status: 422,
  },
  {
    name: "mock-card-declined",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await payByCard(page, demo.card(/^Declined; another/));
    },
  },
  { name: "mock-debit", come: byDebit },
  {
    name: "mock-3-d-secure",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await payByCard(page, demo.card(/3-D Secure/));
    },
  },
  {
    name: "mock-return-by-post",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await payByCard(page, demo.card(/by POST/));
    },
  },
  {
    name: "mock-over",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      const hosted = page.url();
      await page.getByRole("button", { name: "Cancel and go back" }).click();
      await page.goto(hosted);
    },
    status: 410,
  },
  {
    name: "received-donation",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await payByCard(page, demo.card(/^Accepted; the webhook arrives before/));
    },
  },
  {
    name: "received-membership",
    async come(page, demo) {
      await byDebit(page, demo);
      await payByDebit(page, demo.account(/^Mandate lodged; the webhook arrives before/));
    },
  },
  {
    name: "not-taken",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await page.getByRole("button", { name: "Cancel and go back" }).click();
    },
  },
  {
    name: "unconfirmed",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      // It looks again by itself; here in vain, so that it can be looked at.
      let arrivals = 0;
      await page.route("**/return/*", (route) => ((arrivals += 1) === 1 ? route.continue() : route.abort("aborted")));
      await payByCard(page, demo.card(/no webhook/));
    },
  },
  { name: "not-found", come: (page, demo) => page.goto(`${demo.gateway}/nothing`), status: 404 },
  {
    name: "forbidden",
    async come(page, demo, elsewhere) {
      const form = `<form method="post" action="${demo.donate}"><button>Send</button></form>`;
      await page.goto(elsewhere.page(form));
      await page.getByRole("button").click();
    },
    status: 403,
  },
  {
    name: "bad-request",
    async come(page, demo) {
      await open(page, demo.donate);
      await page.locator("#f-county").evaluate((field) => (field.name = "card_number"));
      await submit(page).click();
    },
    status: 400,
  },
];

/** The pages that are there only where the processor speaks as RSM does. */
export const RSM_SCENES = [
  { name: "debit-confirm", come: (page, demo) => instruct(page, demo.join) },
  {
    name: "debit-errors",
    async come(page, demo) {
      await instruct(page, demo.join);
      await page.getByRole("button", { name: "Set up this Direct Debit" }).click();
      await page.getByRole("alert").waitFor();
    },
    status: 422,
  },
  {
    name: "debit-refused",
    async come(page, demo) {
      await instruct(page, demo.join);
      await confirm(page, demo.account(/^Refused/));
      await page.getByRole("alert").waitFor();
    },
    status: 422,
  },
  {
    name: "debit-received",
    async come(page, demo) {
      await instruct(page, demo.join);
      await confirm(page, demo.account(/^Mandate lodged; the webhook arrives before/));
      await page.getByRole("heading", { name: "Thank you" }).waitFor();
    },
  },
  {
    name: "rsm-turned-back",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await page.getByRole("button", { name: "Cancel and go back" }).click();
      await page.getByText("If you turned back").waitFor();
    },
  },
  {
    name: "rsm-received",
    async come(page, demo) {
      await give(page, WITH_SCRIPTS, demo.donate);
      await payAtRsm(page, demo.card(/^Accepted; the webhook arrives before/), WITH_SCRIPTS);
      await page.getByRole("heading", { name: "Thank you" }).waitFor();
    },
  },
];

const ACCEPTED = /^Accepted; the webhook arrives before/;

/** The pages that are there only where cards are typed on ours. One after another: what is pressed is meant for the next call. */
export const CARD_SCENES = [
  { name: "card", come: (page, demo) => toCard(page, demo.donate) },
  {
    name: "card-errors",
    async come(page, demo) {
      await toCard(page, demo.donate);
      await page.locator("#f-card_number").fill("4242 4242 4242 4241");
      await page.locator("#f-card_expiry").fill("13/29");
      await page.getByRole("button", { name: /^Pay £/ }).click();
      await page.getByRole("alert").waitFor();
    },
    status: 422,
  },
  {
    name: "card-declined",
    async come(page, demo) {
      await toCard(page, demo.donate);
      await payByApi(page, demo.card(/^Declined; another/));
      await page.getByRole("heading", { name: "Your payment was not taken" }).waitFor();
    },
  },
  {
    name: "card-3-d-secure",
    async come(page, demo) {
      await toCard(page, demo.donate);
      await payByApi(page, demo.card(/3-D Secure/));
      await page.getByRole("heading", { name: "Is it you?" }).waitFor();
    },
  },
  {
    name: "card-checking",
    async come(page, demo) {
      await press(page.context(), demo, "Lose the next reply");
      await toCard(page, demo.donate);
      // It looks again by itself; here in vain, so that it can be looked at.
      let arrivals = 0;
      await page.route("**/return/*", (route) => ((arrivals += 1) === 1 ? route.continue() : route.abort("aborted")));
      await payByApi(page, demo.card(ACCEPTED));
      await page.getByText("Do not pay again").waitFor();
    },
  },
  {
    name: "card-received",
    async come(page, demo) {
      await toCard(page, demo.donate);
      await payByApi(page, demo.card(ACCEPTED));
      await page.getByRole("heading", { name: "Thank you" }).waitFor();
    },
  },
  {
    name: "mock-buttons",
    async come(page, demo) {
      await page.goto(`${demo.mock}/buttons`);
      await page.getByRole("button", { name: "Lose the next request" }).click();
      await page.getByText("Still to come").waitFor();
    },
  },
];
