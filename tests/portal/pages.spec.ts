import { mkdirSync } from "node:fs";
import path from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { deviceOf, expectAccessible, find, Person, sizes } from "./support/people.ts";

const folder = path.join(import.meta.dirname, "screenshots");

/** Every page of everybody, by its heading. */
const pages: Record<string, [address: string, heading: RegExp][]> = {
  "Anna Keller": [
    ["/", /Hello/], ["/records", /My records/], ["/permissions", /Permissions/], ["/permissions/new", /New permission/], ["/permissions/confirmations", /To confirm/], ["/activity", /Who looked/],
    ["/notices", /Notices/], ["/hospitals", /Hospitals/], ["/helpers", /Helpers/], ["/helpers/new", /Appoint a helper/], ["/card", /Emergency card/], ["/account", /Account/], ["/nowhere", /does not exist/],
  ],
  "Dr. Nora Brandt": [["/", /Find a patient/], ["/requests", /My requests/], ["/members", /Members/], ["/account", /Account/]],
  "Elif Demir": [["/", /Find a patient/], ["/requests", /My requests/], ["/members", /Members/], ["/account", /Account/]],
  "Ruth Keller-Voss": [["/", /Emergencies/], ["/incidents", /Incidents/], ["/messages", /Intake/], ["/condition", /Health/], ["/members", /Members/], ["/account", /Account/]],
  "Ida Thomsen": [["/", /Intake/], ["/condition", /Health/], ["/enrolment", /Invite colleagues/], ["/members", /Members/], ["/account", /Account/]],
  "Clara Jensen": [["/", /Emergencies/], ["/decisions", /Access decisions/], ["/blocks", /Blocks/], ["/verification", /Verification/], ["/incidents", /Incidents/], ["/members", /Members/], ["/votes", /Votes/], ["/condition", /Health/], ["/account", /Account/]],
  "Rosa Blanc": [["/", /Health/], ["/enrolment", /Invite colleagues/], ["/members", /Members/], ["/account", /Account/]],
  "Peter Amsel": [["/", /Emergencies/], ["/decisions", /Access decisions/], ["/messages", /does not exist/]],
  "Emil Strand": [["/", /Emergencies/], ["/incidents", /Incidents/], ["/condition", /Health/], ["/members", /Members/], ["/account", /Account/]],
  "Paul Iversen": [["/", /Enrol patients/], ["/messages", /Intake/], ["/members", /Members/], ["/account", /Account/]],
};

/** Accessible, no wider than the screen, and kept as a picture. */
async function look(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await expectAccessible(page);
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  expect(inner, `${name} is wider than the screen`).toBeLessThanOrEqual(outer!);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

for (const [name, list] of Object.entries(pages)) {
  test(`every page of ${name} is accessible and fits at phone and desk width`, async ({ browser }) => {
    const person = await Person.open(browser, name);
    const { page, entry } = person;
    await person.signIn();
    for (const [address, heading] of list) {
      await person.go(address, heading);
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        await look(page, `${entry.role}-${entry.node}${address.replaceAll("/", "_")}-${size}`);
      }
      if (entry.role !== "patient") continue;
      // Patients' pages in the dark, too, as on a phone at night.
      await page.setViewportSize(sizes.phone);
      await page.emulateMedia({ colorScheme: "dark" });
      await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
      await look(page, `patient${address.replaceAll("/", "_")}-dark`);
      await page.emulateMedia({ colorScheme: "light" });
    }
    await person.close();
  });
}

// Whom the sandbox does not have by name is invited as an administrator does it.
for (const [role, first, addresses] of [
  ["pharmacist", /Find a patient/, ["/requests", "/members", "/account"]],
  ["researcher", /Members/, ["/account"]],
] as const) {
  test(`a hospital's ${role} enrols, and every page is accessible and fits`, async ({ browser, request }) => {
    const thomsen = find("Ida Thomsen");
    const invited = await request.post(new URL("/api/v1/invitations", thomsen.url).href, { headers: { Authorization: `Bearer ${thomsen.token}` }, data: { role, displayName: "Vera Lind" } });
    expect(invited.ok(), await invited.text()).toBe(true);
    const { link } = (await invited.json()) as { link: string };
    const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
    await deviceOf(page);
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "Welcome, Vera Lind" })).toBeVisible();
    await look(page, `enrol-${role}`);
    await page.getByRole("button", { name: "Make my passkey" }).click();
    await expect(page.getByRole("heading", { level: 1, name: first })).toBeVisible();
    for (const address of ["/", ...addresses]) {
      await page.goto(new URL(address, link).href);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("heading", { level: 1, name: /does not exist/ })).toHaveCount(0);
      for (const [size, viewport] of Object.entries(sizes)) {
        await page.setViewportSize(viewport);
        await look(page, `hospital-${role}${address.replaceAll("/", "_")}-${size}`);
      }
    }
    await page.context().close();
  });
}

test("a clinician's pages about a patient are accessible and fit at phone width", async ({ browser }) => {
  const price = await Person.open(browser, "Dr. Owen Price", { viewport: sizes.phone });
  await price.signIn();
  const patient = find("Anna Keller").patientId!;
  for (const [address, heading] of [[`/patients/${patient}`, "Patient"], [`/patients/${patient}/emergency`, "Break the glass"]] as const) {
    await price.go(address, heading);
    await look(price.page, `physician_${heading.replaceAll(" ", "-")}-phone`);
  }
  await price.close();
});

test("the pages before the sign-in are accessible and fit", async ({ browser }) => {
  for (const [size, viewport] of Object.entries(sizes)) {
    const person = await Person.open(browser, "Clara Jensen", { viewport }); // at the regulator's site, which alone serves the last
    for (const [address, heading] of [["/lost", /Lost your passkey/], ["/enrol", /not valid any more/], ["/second-key", /Second passkey/]] as const) {
      await person.go(address, heading);
      await look(person.page, `${address.slice(1)}-${size}`);
    }
    await person.close();
  }
});

test("a hospital's own site says that second passkeys are not made there", async ({ browser }) => {
  const person = await Person.open(browser, "Jonas Öztürk");
  let asked = 0;
  person.page.on("request", (request) => {
    if (request.url().endsWith("/second-keys/origins")) asked++;
  });
  await person.go("/second-key", /Second passkey/);
  await expect(person.page.getByText("Open this page from your hospital’s portal, under Account.")).toBeVisible();
  await person.page.waitForLoadState("networkidle");
  expect(asked).toBeLessThanOrEqual(2); // the session's own end may ask once more
  await person.close();
});

test("the sandbox offers a link to whoever can use it, and none to the patient whose passkey it holds itself", async ({ browser }) => {
  const jonas = await Person.open(browser, "Jonas Öztürk");
  expect(jonas.entry.enrolmentLink ?? null).toBeNull();
  await jonas.close();
  const anna = await Person.open(browser, "Anna Keller");
  expect(anna.entry.enrolmentLink).toContain("/enrol#");
  await anna.close();
});

test("the door is accessible in the dark, too", async ({ browser }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    const person = await Person.open(browser, "Jonas Öztürk", { colorScheme });
    await person.go("/", /Your decision/);
    await person.expectAccessible();
    await person.page.screenshot({ path: path.join(folder, `door-${colorScheme}.png`) });
    await person.close();
  }
});

for (const [locale, words] of [["de-DE", "Ihre Entscheidung"], ["fr-CA", "Votre décision"], ["es-ES", "Su decisión"], ["it-IT", "Your decision"]] as const) {
  test(`a browser that speaks ${locale} reads "${words}"`, async ({ browser }) => {
    const person = await Person.open(browser, "Jonas Öztürk", { locale });
    await person.go("/", new RegExp(words));
    expect(await person.page.evaluate(() => document.documentElement.lang)).toBe(locale === "it-IT" ? "en" : locale.slice(0, 2));
    await person.close();
  });
}

test("a node that is away says what happened, and trying again goes on", async ({ browser }) => {
  const person = await Person.open(browser, "Jonas Öztürk");
  await person.page.route("**/api/v1/session/options", (route) => route.abort("connectionrefused"), { times: 1 });
  await person.go("/", /Your decision/);
  await person.page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(person.page.getByRole("alert")).toContainText("could not be reached");
  await person.close();
});

test("the patient's first load is under 300 KB of compressed script", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  const client = await anna.page.context().newCDPSession(anna.page);
  await client.send("Network.enable");
  await client.send("Network.setCacheDisabled", { cacheDisabled: true }); // as on a device that has loaded nothing yet
  const scripts = new Set<string>();
  let bytes = 0;
  client.on("Network.responseReceived", ({ requestId, type }) => {
    if (type === "Script") scripts.add(requestId);
  });
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  await anna.go("/", /Hello/);
  await anna.page.waitForLoadState("networkidle");
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(300 * 1024);
  await anna.close();
});
