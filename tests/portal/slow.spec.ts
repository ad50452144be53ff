import { expect, test, type CDPSession, type Page } from "@playwright/test";
import { Person, settled, sizes } from "./support/people.ts";

/** A phone at the edge of a cell: 400 kbit/s each way, and 400 ms to every answer. */
async function slowed(page: Page): Promise<CDPSession> {
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  await client.send("Network.emulateNetworkConditions", { offline: false, latency: 400, downloadThroughput: 400_000 / 8, uploadThroughput: 400_000 / 8 });
  await client.send("Network.setCacheDisabled", { cacheDisabled: true });
  return client;
}

/** A permit of laboratory results for a hospital, written and not signed yet. */
async function fill(page: Page, hospital: string): Promise<void> {
  await page.getByRole("radio", { name: /laboratory results/ }).click();
  await page.getByRole("combobox", { name: "Hospital or practice" }).click();
  await page.getByRole("option", { name: hospital }).click();
}

test("on a slow network the start page shows that it is loading, and then all that it has", async ({ browser }) => {
  const sofia = await Person.open(browser, "Sofia Alvarez", { viewport: sizes.phone });
  await sofia.signIn();
  await slowed(sofia.page);
  // The answers wait until the page was seen waiting for them: on a busy machine that moment may pass between two looks.
  let seen = (): void => undefined;
  const looked = new Promise<void>((resolve) => { seen = resolve; });
  await sofia.page.route("**/api/v1/**", async (route) => {
    await looked;
    await route.continue();
  });
  const opening = sofia.page.goto(`${sofia.origin}/`);
  await expect(sofia.page.getByRole("status", { name: "Loading" }).first()).toBeVisible();
  seen();
  await opening;
  await sofia.page.unroute("**/api/v1/**");
  await expect(sofia.page.getByRole("heading", { level: 1, name: /Hello/ })).toBeVisible();
  await expect(sofia.page.getByRole("status", { name: "Loading" })).toHaveCount(0);
  await sofia.page.getByRole("link", { name: "Permissions", exact: true }).click();
  await expect(sofia.page.getByRole("heading", { level: 1, name: "Permissions" })).toBeVisible();
  await sofia.close();
});

test("a button that is pressed twice signs and sends once", async ({ browser }) => {
  const sofia = await Person.open(browser, "Sofia Alvarez", { viewport: sizes.phone });
  await sofia.signIn();
  // There may be some from a run before.
  const permits = sofia.page.getByRole("article").filter({ hasText: "North Hospital" });
  await sofia.go("/permissions", "Permissions");
  await settled(sofia.page);
  const before = await permits.count();
  await sofia.go("/permissions/new", "New permission");
  await fill(sofia.page, "North Hospital");
  let sent = 0;
  sofia.page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/consents")) sent++;
  });
  await slowed(sofia.page);
  // Both before the page can draw anything.
  await sofia.page.getByRole("button", { name: "Sign with your passkey" }).evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
  await expect(sofia.page.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();
  await sofia.go("/permissions", "Permissions");
  await expect(permits).toHaveCount(before + 1);
  expect(sent).toBe(1);
  await sofia.close();
});

test("without a network the page says what happened, and goes on when it is back", async ({ browser }) => {
  const sofia = await Person.open(browser, "Sofia Alvarez", { viewport: sizes.phone });
  const { page } = sofia;
  await sofia.signIn();
  await sofia.go("/permissions/new", "New permission");
  await fill(page, "South Hospital");
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  const sign = page.getByRole("button", { name: "Sign with your passkey" });
  await sign.click();
  await expect(page.getByRole("region", { name: "This is what you sign" }).getByRole("alert")).toContainText("could not be reached. Check your connection and try again.");
  await page.context().setOffline(false);
  await sign.click();
  await expect(page.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();

  // A page that was never opened here: the part of the portal that draws it cannot be loaded.
  await sofia.go("/permissions", "Permissions");
  await page.context().setOffline(true);
  await page.getByRole("link", { name: "Who looked", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("could not be reached");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Reload the page" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Who looked" })).toBeVisible();
  // The browser says so in its console, too.
  expect(sofia.faults.splice(0).filter((fault) => !fault.includes("dynamically imported module"))).toEqual([]);
  await sofia.close();
});
