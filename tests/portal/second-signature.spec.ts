import { expect, test } from "@playwright/test";
import { as, deviceOf, find, Person, vote } from "./support/people.ts";

test("a second signature at the regulator's page ends the waiting of a broad permit", async ({ browser, request }) => {
  const sofia = await Person.open(browser, "Sofia Alvarez");
  const { page } = sofia;
  await sofia.signIn();

  // Another hospital than the permit's must bring the second passkey: a desk of North sends on what the patient signed.
  const desk = as("Paul Iversen");
  await page.route("**/api/v1/patients/*/credentials", async (route) => {
    if (route.request().method() !== "POST") return route.fallback();
    const response = await request.post(desk.at(new URL(route.request().url()).pathname),
      { headers: { ...desk.headers, "Content-Type": "application/json" }, data: route.request().postDataBuffer()! });
    await route.fulfill({ response });
  });
  await sofia.go("/account", "Account");
  const making = page.waitForEvent("popup");
  await page.getByRole("button", { name: /Make it at regulator/ }).click();
  const second = await making;
  const device = await deviceOf(second);
  await second.getByRole("button", { name: "Make my passkey" }).click();
  await expect(second.getByText("Go back to your hospital")).toBeVisible();
  const passkeys = await device.keys();
  await second.close();
  await page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(page.getByText("Your second passkey is yours now.")).toBeVisible();
  await page.unroute("**/api/v1/patients/*/credentials");

  await sofia.go("/permissions/new", "New permission");
  await page.getByRole("radio", { name: /family doctor/ }).click();
  await page.getByRole("combobox", { name: "Hospital or practice" }).click();
  await page.getByRole("option", { name: "South Hospital" }).click();
  await expect(page.getByText("To protect you, it counts only after 24 hours.")).toBeVisible();
  const granted = page.waitForResponse((response) => response.url().endsWith("/consents") && response.request().method() === "POST");
  await page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(page.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();
  const { id } = (await (await granted).json()) as { id: string };
  const card = page.locator(`article[id="${id}"]`);
  await sofia.go("/permissions", "Permissions");
  await sofia.readUntil(card.getByText(/Your second passkey is still too new to end the waiting/));

  // A day later, as far as the page can tell; for the channel, its members do away with the waiting for a moment.
  const credentialsAt = `/api/v1/patients/${find("Sofia Alvarez").patientId}/credentials`;
  const { credentials } = await page.evaluate(async (from) => (await (await fetch(from)).json()) as { credentials: { rpId: string }[] }, credentialsAt);
  const addedAt = new Date(Date.now() - 48 * 3_600_000).toISOString();
  const aged = credentials.map((entry) => (entry.rpId.startsWith("regulator") ? { ...entry, addedAt } : entry));
  await page.route(`**${credentialsAt}`, (route) => route.fulfill({ json: { credentials: aged } }));
  await sofia.go("/permissions", "Permissions");
  const ask = card.getByRole("button", { name: /Sign again at regulator/ });
  await expect(ask).toBeVisible();
  const signing = page.waitForEvent("popup");
  await ask.click();
  const site = await signing;
  await (await deviceOf(site)).hold(passkeys);
  await expect(site.getByText("Physicians at South may read")).toBeVisible();
  await vote(request, { broadPermitWaitHours: 0 });
  try {
    const brought = site.waitForResponse((response) => response.url().endsWith("/api/v1/second-keys/co-signatures"));
    await site.getByRole("button", { name: "Sign with your passkey" }).click();
    expect((await brought).status()).toBe(204);
    expect(new URL((await brought).url()).hostname).toBe("regulator.localhost");
    await expect(site.getByText("Signed, and on the channel: the permission counts now.")).toBeVisible();
  } finally {
    await vote(request, { broadPermitWaitHours: 24 });
  }
  await site.close();
  await page.unroute(`**${credentialsAt}`);

  // By the channel's own rules again: it counts now, and the other that was given without a second signature would not.
  await sofia.go("/permissions", "Permissions");
  await sofia.readUntil(card.getByText("In force", { exact: true }));
  await expect(card.getByText("Your second passkey is still too new", { exact: false })).toHaveCount(0);
  await sofia.close();
});
