import { readFileSync } from "node:fs";
import { expect, test, type Locator, type Page } from "@playwright/test";
import { Person } from "./support/people.ts";

/** Goes by Tab until the focus is there, as a hand without a mouse does. */
async function tabTo(page: Page, there: Locator): Promise<void> {
  await expect(there).toBeVisible();
  for (let step = 0; step < 80; step++) {
    if (await there.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("The focus does not come there by Tab.");
}

test("a patient permits and ends it by keyboard alone, and keeps the receipt", async ({ browser }) => {
  const marco = await Person.open(browser, "Marco Bellini");
  const { page } = marco;
  await marco.signIn();
  await tabTo(page, page.getByRole("link", { name: "Permissions", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Permissions" })).toBeVisible();
  await tabTo(page, page.getByRole("link", { name: "New permission" }));
  await page.keyboard.press("Enter");
  const preset = page.getByRole("radio", { name: /laboratory results/ });
  await tabTo(page, preset);
  await page.keyboard.press("Space");
  await expect(preset).toBeChecked();
  const hospital = page.getByRole("combobox", { name: "Hospital or practice" });
  await tabTo(page, hospital);
  await page.keyboard.press("ArrowDown");
  const option = page.getByRole("option", { name: "East Hospital" });
  await expect(option).toBeVisible();
  for (let step = 0; step < 10 && (await option.getAttribute("data-combobox-selected")) !== "true"; step++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Sign with your passkey" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();
  await tabTo(page, page.getByRole("link", { name: "All my permissions" }));
  await page.keyboard.press("Enter");

  const card = page.getByRole("article").filter({ hasText: "East Hospital" });
  const receipt = card.getByRole("button", { name: "Receipt" });
  // Two members' nodes sign it: as long as one is behind, the page says so.
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: 120_000 }), tabTo(page, receipt).then(() => page.keyboard.press("Enter"))]);
  expect(download.suggestedFilename()).toMatch(/^receipt-st-[a-z2-7]{26}\.json$/);
  const kept = JSON.parse(readFileSync(await download.path(), "utf8")) as object;
  expect(Object.keys(kept).length).toBeGreaterThan(2);

  await tabTo(page, card.getByRole("button", { name: "End this permission" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Sign and end it" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText(/It is ended at/)).toBeVisible();
  await marco.close();
});

test("a permission whose answer was lost is sent once more as it is, and is one", async ({ browser }) => {
  const marco = await Person.open(browser, "Marco Bellini");
  const { page } = marco;
  await marco.signIn();
  await marco.go("/permissions/new", "New permission");
  await page.getByRole("radio", { name: /that treats me now/ }).click();
  await page.getByRole("combobox", { name: "Hospital or practice" }).click();
  await page.getByRole("option", { name: "North Hospital" }).click();
  const sent: (string | null)[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/consents")) sent.push(request.postData());
  });
  // The node does it; its answer does not arrive.
  const cdp = await page.context().newCDPSession(page);
  cdp.on("Fetch.requestPaused", ({ requestId, request }) => void (request.method === "POST"
    ? cdp.send("Fetch.failRequest", { requestId, errorReason: "ConnectionReset" }) : cdp.send("Fetch.continueRequest", { requestId })));
  await cdp.send("Fetch.enable", { patterns: [{ urlPattern: "*/consents", requestStage: "Response" }] });
  const sign = page.getByRole("button", { name: "Sign with your passkey" });
  await sign.click();
  await expect(page.getByRole("region", { name: "This is what you sign" }).getByRole("alert")).toContainText("it may have been done or not");
  await cdp.send("Fetch.disable");
  await sign.click();
  await expect(page.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();
  expect(sent).toHaveLength(2);
  expect(sent[1]).toBe(sent[0]);
  await marco.go("/permissions", "Permissions");
  const cards = page.getByRole("article").filter({ hasText: "North Hospital" }).filter({ hasText: "In force" });
  await expect(cards).toHaveCount(1);
  await cards.getByRole("button", { name: "End this permission" }).click();
  await page.getByRole("button", { name: "Sign and end it" }).click();
  await expect(page.getByText(/It is ended at/)).toBeVisible();
  await marco.close();
});

test("a refusal for emergencies holds for everyone and any purpose, and says so", async ({ browser }) => {
  const marco = await Person.open(browser, "Marco Bellini");
  const { page } = marco;
  await marco.signIn();
  await marco.go("/permissions/new", "New permission");
  await page.getByRole("radio", { name: /may not see my records/ }).click();
  await page.getByRole("combobox", { name: "Hospital or practice" }).click();
  await page.getByRole("option", { name: "East Hospital" }).click();
  await page.getByRole("button", { name: "More choices" }).click();
  const purpose = page.getByRole("checkbox", { name: "treatment", exact: true });
  await purpose.check();
  await page.getByRole("checkbox", { name: "Not even in an emergency" }).check();
  await expect(purpose).toBeDisabled();
  await expect(purpose).not.toBeChecked();
  await expect(page.getByText("Then nobody at East Hospital can open these records")).toBeVisible();
  await expect(page.getByRole("region", { name: "This is what you sign" })).toContainText("any purpose");
  await marco.expectAccessible();
  await page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(page.getByRole("heading", { name: "Your refusal is signed" })).toBeVisible();
  await marco.go("/permissions", "Permissions");
  const card = page.getByRole("article").filter({ hasText: "not even in an emergency" });
  await expect(card).toContainText("any purpose");
  await card.getByRole("button", { name: "Lift this refusal" }).click();
  await page.getByRole("button", { name: "Sign and end it" }).click();
  await expect(page.getByText(/It is ended at/)).toBeVisible();
  await marco.close();
});

test("a session is ended from another device", async ({ browser }) => {
  const there = await Person.open(browser, "Marco Bellini");
  await there.signIn();
  const here = await Person.open(browser, "Marco Bellini");
  await here.signIn();
  await here.go("/account", "Account");
  const others = here.page.getByRole("button", { name: "Sign out there" });
  await expect(others.first()).toBeVisible();
  while ((await others.count()) > 0) {
    const before = await others.count();
    await others.first().click();
    await expect(others).toHaveCount(before - 1);
  }
  await expect(here.page.getByText("This one", { exact: true })).toBeVisible();
  await there.page.reload();
  await expect(there.page.getByRole("button", { name: "Sign in with a passkey" })).toBeVisible();
  await there.close();
  await here.close();
});
