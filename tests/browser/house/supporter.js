// What a supporter does, in their own words.

/** A form younger than this is sent back (security.md, 5 H); a little is added for clocks. */
const SOONEST_MS = 3_150;

/** Words that tests/leaks.rs looks for in everything that is left behind. */
export const PAT = {
  title: "Ms",
  first_name: "Canaryfirst",
  last_name: "Canarylast",
  email: "canary.mail@example.org",
  phone: "+44 808 157 0192",
  line1: "1 Canarystreet",
  line2: "Flat 2",
  town: "Canarytown",
  postcode: "CN1 9RY",
  country: "GB",
};

/** Where a hand-off's page is: the mock's, with a token of its own. */
export const HOSTED = /\/pay\/[^/]+$/;
export const RETURNED = /\/return\/[^/]+$/;

const opened = new WeakMap();

/** Opens a form. */
export async function open(page, address) {
  const response = await page.goto(address);
  arrive(page);
  return response;
}

/** Notes when a form was opened, because it may not be sent at once. */
export function arrive(page) {
  opened.set(page, Date.now());
}

/** Types the contact details. */
export async function describe(page, person = PAT) {
  for (const [name, value] of Object.entries(person)) {
    const field = page.locator(`#f-${name}`);
    if (name === "title" || name === "country") await field.selectOption(value);
    else await field.fill(value);
  }
}

/** Chooses one of a group. */
export function choose(page, name, value) {
  return page.locator(`input[name=${name}][value="${value}"]`).check();
}

/** Waits until the form is old enough to be a person's. */
export async function patience(page) {
  const left = SOONEST_MS - (Date.now() - (opened.get(page) ?? 0));
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

const SEND = /^(Continue to secure payment|(Give|Join) (again|as well))$/;

/** The form's own button, which says so where this is another payment; with that question there is a second above the form. */
export const submit = (page) => page.getByRole("button", { name: SEND }).last();

/** Sends a form sooner than a person can. A busy machine may be too slow for that: then again. */
export async function rush(page, address) {
  for (let tries = 0; tries < 20; tries += 1) {
    await open(page, address);
    await page.locator("#f-first_name").fill(PAT.first_name);
    await submit(page).click();
    await page.getByRole("alert").waitFor();
    if (await page.getByText("That was very quick").isVisible()) return;
  }
  throw new Error("this machine never sends a form within three seconds");
}

/** Sends the form, and without scripts the hand-off page too; ends on the processor's page. */
export async function handOver(page, { scripts }) {
  await patience(page);
  await submit(page).click();
  if (!scripts) await page.getByRole("button", { name: /^Continue to / }).click();
  await arrives(page, HOSTED);
}

/** From the donate form to the processor's page: ten pounds, once, by card. */
export async function give(page, visitor, address) {
  await open(page, address);
  await choose(page, "amount", "10.00");
  await describe(page);
  await handOver(page, visitor);
}

/** Types a card's number and the rest on the processor's page. */
export async function showCard(page, number) {
  await page.locator("#number").fill(number);
  await page.locator("#expiry").fill("12/39");
  await page.locator("#cvc").fill("739");
  await page.locator("#holder").fill("Canaryholder");
}

export const pay = (page) => page.getByRole("button", { name: /^Pay / });

/** Pays by card on the processor's page. */
export async function payByCard(page, number) {
  await showCard(page, number);
  await pay(page).click();
}

/** Gives a bank account on the processor's page. */
export async function payByDebit(page, number) {
  await page.locator("#account_name").fill("Canaryholder");
  await page.locator("#sort_code").fill("20-47-61");
  await page.locator("#account_number").fill(number);
  await page.getByRole("button", { name: "Set up the Direct Debit" }).click();
}

/** Waits for a page to be there. The second click of a double click breaks off what the first one began to load;
 * the browser's driver calls that an error of whoever waits, though the page comes. */
export async function arrives(page, address) {
  const latest = Date.now() + 120_000;
  for (;;) {
    try {
      return await page.waitForURL(address);
    } catch (error) {
      if (!String(error).includes("net::ERR_ABORTED") || Date.now() > latest) throw error;
    }
  }
}

/** Waits until it holds: what a browser does of itself it does in its own time. */
export async function until(what, holds) {
  const latest = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > latest) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Holds back the second look at the page of an outcome, which it takes by itself, until the first was looked at. */
export async function holdBack(page) {
  let looks = 0;
  let letGo;
  const looked = new Promise((resolve) => (letGo = resolve));
  await page.route("**/return/**", async (route) => {
    looks += 1;
    if (looks > 1) await looked;
    await route.continue().catch(() => {});
  });
  return letGo;
}

/** The heading of the page. */
export const heading = (page) => page.locator("h1").first();

/** Two tabs: the form is filled in in one and sent in the other; then it is sent in the first, which is asked. */
export async function giveTwice(page, address) {
  await open(page, address);
  await choose(page, "amount", "25.00");
  await describe(page);
  const other = await page.context().newPage();
  await give(other, { scripts: true }, address);
  await other.close();
  await submit(page).click();
  await page.getByRole("alert").waitFor();
}

/** From the join form to the page that a Direct Debit is confirmed on, where that is ours. */
export async function instruct(page, address) {
  await open(page, address);
  await describe(page);
  await patience(page);
  await submit(page).click();
  await page.getByRole("heading", { name: "Check and confirm your Direct Debit" }).waitFor();
}

/** Types an account on that page and confirms. */
export async function confirm(page, number) {
  await page.locator("#f-account_name").fill("Canaryholder");
  await page.locator("#f-sort_code").fill("20-47-61");
  await page.locator("#f-account_number").fill(number);
  await page.locator("#f-account_holder").check();
  await page.getByRole("button", { name: "Set up this Direct Debit" }).click();
}

/** From the donate form to our own card page. */
export async function toCard(page, address, amount = "10.00") {
  await open(page, address);
  await choose(page, "amount", amount);
  await describe(page);
  await patience(page);
  await submit(page).click();
  await heading(page).filter({ hasText: "Check and pay by card" }).waitFor();
}

/** Types a card on that page. */
export async function typeCard(page, number) {
  await page.locator("#f-card_number").fill(number);
  await page.locator("#f-card_expiry").fill("12/39");
  await page.locator("#f-card_cvc").fill("739");
  await page.locator("#f-card_holder").fill("Canaryholder");
}

export const payHere = (page) => page.getByRole("button", { name: /^Pay £/ });

/** Pays there. */
export async function payByApi(page, number) {
  await typeCard(page, number);
  await payHere(page).click();
}

/** Presses one of the mock's buttons, in a tab of its own. */
export async function press(context, demo, name) {
  const tab = await context.newPage();
  await tab.goto(`${demo.mock}/buttons`);
  await tab.getByRole("button", { name }).click();
  await tab.close();
}

/** What the mock's own ledger says of a reference, on the page of buttons. */
export async function mockLedger(context, demo, reference) {
  const tab = await context.newPage();
  await tab.goto(`${demo.mock}/buttons`);
  const row = tab.locator(".ledger li").filter({ hasText: reference });
  const facts = await row.locator("dl div").allInnerTexts();
  await tab.close();
  return Object.fromEntries(facts.map((fact) => fact.split(/\s+(.*)/s)));
}

/** Pays by card on RSM's page, and goes back by its last one. */
export async function payAtRsm(page, number, { scripts }) {
  await showCard(page, number);
  await page.getByRole("button", { name: "Pay by card" }).click();
  if (!scripts) await page.getByRole("button", { name: "Continue" }).click();
}
