import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "@playwright/test";
import { deviceOf, expectAccessible, find, Person, sizes } from "./support/people.ts";

// One story told in order: each test goes on where the one before it left off.
test.describe.configure({ mode: "serial" });

// Long enough to be a document by itself, beside its message.
const document = Buffer.from(`%PDF-1.7\n${"A line of a report.\n".repeat(5_000)}%%EOF\n`);
const secondSite = "Anna Keller at the regulator's site";
const patientId = () => find("Anna Keller").patientId!;

test("a patient enrols by the one-time link and sees the records in plain words", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await expect(anna.page.getByRole("heading", { name: "Hello, Anna Keller" })).toBeVisible();
  await anna.go("/records", "My records");
  await expect(anna.page.getByRole("heading", { name: "Laboratory result" })).toHaveCount(2);
  await expect(anna.page.getByText("Sensitive: HIV")).toBeVisible();
  await anna.page.getByRole("button", { name: /Who can read this\?: Imaging/ }).click();
  await expect(anna.page.getByText("Physicians at South Hospital: cannot read it")).toBeVisible();
  await anna.close();
});

test("a used link opens nothing", async ({ browser }) => {
  const entry = find("Anna Keller");
  const page = await (await browser.newContext()).newPage();
  await page.goto(entry.enrolmentLink ?? `http://north.localhost:${new URL(entry.url).port}/enrol#used`);
  await expect(page.getByRole("heading", { name: "This link is not valid any more" })).toBeVisible();
  await page.context().close();
});

test("before any permission a clinician at another hospital gets nothing", async ({ browser }) => {
  const okafor = await Person.open(browser, "Dr. Samuel Okafor");
  await okafor.signIn();
  await okafor.page.getByLabel("Code of the card").fill(patientId());
  await okafor.page.getByRole("button", { name: "Find" }).click();
  await expect(okafor.page.getByText("There is nothing that you may read for this purpose.")).toBeVisible();
  await okafor.close();
});

test("the patient permits by a preset, sees a preview, and signs", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/permissions/new", "New permission");
  await anna.page.getByRole("radio", { name: /laboratory results/ }).click();
  await anna.page.getByRole("combobox", { name: "Hospital or practice" }).click();
  await anna.page.getByRole("option", { name: "South Hospital" }).click();
  await expect(anna.page.getByText("Could read 1 of 4 records.")).toBeVisible();
  await anna.expectAccessible();
  await anna.page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(anna.page.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();
  await expect(anna.page.getByText("It is in force now.")).toBeVisible();
  await anna.close();
});

test("a broad permission says that it waits", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/permissions/new", "New permission");
  await anna.page.getByRole("radio", { name: /family doctor/ }).click();
  await anna.page.getByRole("combobox", { name: "Hospital or practice" }).click();
  await anna.page.getByRole("option", { name: "East Hospital" }).click();
  await expect(anna.page.getByText("To protect you, it counts only after 24 hours.")).toBeVisible();
  await anna.page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(anna.page.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();
  await expect(anna.page.getByText(/counts only from/)).toBeVisible();
  await anna.close();
});

test("the clinician at the other hospital asks, and reads the laboratory values and the raw message", async ({ browser }) => {
  const okafor = await Person.open(browser, "Dr. Samuel Okafor");
  await okafor.signIn();
  await okafor.go(`/patients/${patientId()}`, "Patient");
  const ask = okafor.page.getByRole("button", { name: "Ask for 1 record" });
  await okafor.readUntil(ask);
  await ask.click();
  const row = okafor.page.getByRole("row", { name: /Glucose/ });
  await expect(row).toContainText("187");
  await expect(row).toContainText("70-99");
  await expect(row).toContainText("High");
  await okafor.expectAccessible();
  await okafor.page.getByRole("tab", { name: "Raw HL7" }).click();
  await expect(okafor.page.getByText(/N-LAB-0002/)).toBeVisible();
  await okafor.close();
});

test("the patient sees who obtained what, and ends the permission in two clicks", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/activity", "Who looked");
  await anna.readUntil(anna.page.getByText("Physician at South Hospital obtained records").first());
  await anna.expectAccessible();
  await anna.go("/permissions", "Permissions");
  const card = anna.page.getByRole("article").filter({ hasText: "South Hospital" });
  await card.getByRole("button", { name: "End this permission" }).click();
  await anna.page.getByRole("button", { name: "Sign and end it" }).click();
  await expect(anna.page.getByText(/It is ended at two places or more/)).toBeVisible();
  await anna.close();
});

test("the clinician gets nothing any more", async ({ browser }) => {
  const okafor = await Person.open(browser, "Dr. Samuel Okafor");
  await okafor.signIn();
  await okafor.go(`/patients/${patientId()}`, "Patient");
  await okafor.readUntil(okafor.page.getByText("There is nothing that you may read for this purpose."));
  await okafor.close();
});

test("a message with a document comes in, and becomes a record of the patient's", async ({ request }) => {
  const image = readFileSync(new URL("../../network/HealthShare.Sandbox/Samples/04-chest-image.hl7", import.meta.url), "utf8");
  const message = image.replaceAll("N-RAD-0004", "N-RAD-0104").replaceAll("P-7003", "P-7103").replaceAll("F-9003", "F-9103").replaceAll("XR Chest 2 Views", "CT of the thorax")
    .replace(/\^IMAGE\^PNG\^Base64\^[^|]*/, `^Application^PDF^Base64^${document.toString("base64")}`);
  const by = (person: string) => ({ Authorization: `Bearer ${find(person).token}` });
  const taken = await request.post(new URL("/api/v1/messages", find("Ida Thomsen").url).href, {
    headers: { ...by("Ida Thomsen"), "Content-Type": "application/hl7-v2" }, data: Buffer.from(message),
  });
  expect(taken.ok(), await taken.text()).toBe(true);
  const records = new URL(`/api/v1/patients/${patientId()}/records`, find("Anna Keller").url).href;
  await expect.poll(async () => ((await (await request.get(records, { headers: by("Anna Keller") })).json()) as { records: unknown[] }).records.length, { timeout: 60_000 }).toBe(5);
});

test("two people break the glass at a hospital that was permitted nothing", async ({ browser }) => {
  const nurse = await Person.open(browser, "Elif Demir");
  await nurse.signIn(); // her key is registered as she enrols
  await nurse.close();
  const price = await Person.open(browser, "Dr. Owen Price");
  await price.signIn();
  await price.go(`/patients/${patientId()}/emergency`, "Break the glass");
  await price.page.getByRole("radio", { name: "The patient cannot be asked" }).check();
  await price.page.getByLabel("In your own words").fill("Found unconscious, no companion.");
  await price.page.getByLabel(/I understand/).check();
  await price.expectAccessible();
  await price.page.getByRole("button", { name: "Sign with my key" }).click();
  await expect(price.page.getByRole("button", { name: "Signed by you" })).toBeVisible();
  // The same key again is refused before anything is sent.
  await price.page.getByRole("button", { name: "Colleague: sign with your key" }).click();
  await expect(price.page.getByText(/That is the same key again/)).toBeVisible();
  await price.letGo();
  await price.hold(Person.keysOf("Elif Demir"));
  await price.page.getByRole("button", { name: "Colleague: sign with your key" }).click();
  await expect(price.page.getByRole("row", { name: /Glucose/ })).toBeVisible();

  // A document in a record is saved, and never opened by the page.
  const image = price.page.getByRole("article").filter({ hasText: "CT of the thorax" });
  await image.getByRole("tab", { name: "Documents" }).click();
  await expect(image.getByText("Document 1", { exact: true })).toBeVisible();
  await price.expectAccessible();
  for (const [size, viewport] of Object.entries(sizes)) {
    await price.page.setViewportSize(viewport);
    await image.screenshot({ path: path.join(import.meta.dirname, "screenshots", `documents-${size}.png`) });
  }
  const saved = price.page.waitForEvent("download");
  await image.getByRole("button", { name: "Save: Document 1" }).click();
  expect((await saved).suggestedFilename()).toMatch(/^rc-[a-z2-7]{26}-1\.pdf$/);
  expect(readFileSync(await (await saved).path()).equals(document)).toBe(true);
  await expect(image.getByText("Saved to your downloads.")).toBeVisible();
  await price.close();
});

test("another hospital's privacy officer reviews the emergency", async ({ browser }) => {
  const keller = await Person.open(browser, "Ruth Keller-Voss");
  await keller.signIn();
  await keller.readUntil(keller.page.getByRole("radio", { name: "Justified", exact: true }));
  await keller.page.getByRole("radio", { name: "Justified", exact: true }).check();
  await keller.expectAccessible();
  await keller.page.getByRole("button", { name: "Record the review" }).click();
  await expect(keller.page.getByText("The review stands on the ledger, and the patient is told.")).toBeVisible();
  await keller.close();
});

test("the patient sees the emergency with its review", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/notices", "Notices");
  await anna.readUntil(anna.page.getByText("East Hospital opened your records in an emergency"));
  await anna.go("/activity", "Who looked");
  await expect(anna.page.getByText("East Hospital declared an emergency")).toBeVisible();
  await anna.readUntil(anna.page.getByText("Found justified by North Hospital").first());
  await anna.close();
});

test("the regulator verifies the channel", async ({ browser }) => {
  const jensen = await Person.open(browser, "Clara Jensen");
  await jensen.signIn();
  await jensen.go("/verification", "Verification");
  await jensen.page.getByLabel("Hash of the genesis block").fill("not a hash");
  await expect(jensen.page.getByText("A hash has 64 digits")).toBeVisible();
  await jensen.page.getByLabel("Hash of the genesis block").fill("");
  await jensen.page.getByRole("button", { name: "Verify the channel" }).click();
  const run = jensen.page.getByRole("article").first();
  await expect(run.getByText("No fault found")).toBeVisible({ timeout: 60_000 });
  await expect(run.getByText(/blocks verified/)).toBeVisible();
  await expect(run.getByText(/[1-9]\d* decisions/)).toBeVisible();
  await jensen.expectAccessible();
  await jensen.close();
});

test("the regulator sees what the channel decided, narrows it, and goes to the block", async ({ browser }) => {
  const jensen = await Person.open(browser, "Clara Jensen");
  const { page } = jensen;
  await jensen.signIn();
  await jensen.go("/decisions", "Access decisions");
  const items = page.getByRole("article");
  await jensen.readUntil(items.filter({ hasText: "Physician at East Hospital" }).filter({ hasText: "in an emergency" }).first());
  await expect(items.filter({ hasText: "Physician at South Hospital" }).first()).toContainText("permitted by what the patient signed");
  await expect(items.first()).toContainText(patientId());
  for (const person of ["Anna", "Keller", "Okafor"]) await expect(page.getByRole("main")).not.toContainText(person); // nobody has a name on the ledger

  await page.getByLabel("Emergencies only").check();
  await expect(page).toHaveURL(/emergency=true/);
  await expect(items.filter({ hasText: "South Hospital" })).toHaveCount(0);
  await expect(items.first().getByText("Emergency", { exact: true }).first()).toBeVisible();
  await page.getByRole("combobox", { name: "Asked by" }).click();
  await page.getByRole("option", { name: "South Hospital" }).click();
  await expect(page.getByText("No decision fits.")).toBeVisible();
  await page.getByRole("button", { name: "Show all", exact: true }).click();
  await page.getByRole("combobox", { name: "Outcome" }).click();
  await page.getByRole("option", { name: "Permitted" }).click();
  await expect(items.first()).toBeVisible();
  await expect(items.filter({ hasText: "Denied" })).toHaveCount(0);
  await page.getByLabel("From", { exact: true }).fill("2020-01-02");
  await page.getByLabel("To", { exact: true }).fill("2020-01-01");
  await expect(page.getByRole("alert")).toContainText("The first day lies after the last one.");
  await page.getByLabel("To", { exact: true }).fill("2020-01-02");
  await expect(page.getByText("No decision fits.")).toBeVisible();
  await page.getByRole("button", { name: "Show all", exact: true }).click();
  await expect(items.first()).toBeVisible();

  const first = items.first();
  await first.getByRole("button", { name: /^Show the/ }).click();
  await expect(first.getByText(/rc-[a-z2-7]{26}/).first()).toBeVisible();
  await jensen.expectAccessible();
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    await page.screenshot({ path: path.join(import.meta.dirname, "screenshots", `access-decisions-${size}.png`), fullPage: true });
  }
  const block = first.getByRole("link", { name: /^Block \d+$/ });
  const name = await block.innerText();
  await block.click();
  await expect(page.getByRole("heading", { level: 1, name: "Blocks" })).toBeVisible();
  await expect(items.first()).toContainText(name);
  await page.getByRole("link", { name: "Show the newest" }).click();
  await expect(page).toHaveURL(/\/blocks$/);
  await jensen.close();
});

test("a one-time code tells a clinician who the patient is, once, at another hospital, too", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/card", "Emergency card");
  const opened = anna.page.waitForRequest((request) => request.url().endsWith("/handles") && request.method() === "POST");
  await anna.page.getByRole("button", { name: "Show a one-time code" }).click();
  const { handle } = (await opened).postDataJSON() as { handle: string };
  await expect(anna.page.getByText("Good until")).toBeVisible();
  const code = await anna.page.locator("[data-code]").innerText();
  await anna.expectAccessible();

  const okafor = await Person.open(browser, "Dr. Samuel Okafor");
  await okafor.signIn();
  await okafor.page.getByLabel("Code of the card, or one-time code").fill(handle); // what a scanner types
  await okafor.page.getByRole("button", { name: "Find" }).click();
  await expect(okafor.page.getByRole("heading", { name: "Patient", exact: true })).toBeVisible();
  expect(okafor.page.url()).toContain(patientId());
  await okafor.close();

  const brandt = await Person.open(browser, "Dr. Nora Brandt");
  await brandt.signIn();
  await brandt.page.getByLabel("Code of the card, or one-time code").fill(code.toLowerCase());
  await brandt.page.getByRole("button", { name: "Find" }).click();
  await expect(brandt.page.getByRole("heading", { name: "Patient", exact: true })).toBeVisible();
  await brandt.go("/", "Find a patient");
  await brandt.page.getByLabel("Code of the card, or one-time code").fill(code);
  await brandt.page.getByRole("button", { name: "Find" }).click();
  await expect(brandt.page.getByRole("alert")).toContainText("handle.not_available");
  await brandt.close();

  await anna.go("/notices", "Notices");
  await anna.readUntil(anna.page.getByText("found you by your one-time code"));
  await anna.close();
});

test("an administrator invites a colleague, and disables the colleague at once", async ({ browser }) => {
  const thomsen = await Person.open(browser, "Ida Thomsen");
  await thomsen.signIn();
  await thomsen.go("/enrolment", "Invite colleagues");
  await thomsen.page.getByLabel("Name", { exact: true }).fill("Dr. Vera Lind");
  await thomsen.page.getByRole("button", { name: "Make the link" }).click();
  const link = await thomsen.page.getByRole("dialog").getByText(/\/enrol#/).innerText();
  await thomsen.page.keyboard.press("Escape");

  const lind = await Person.open(browser, "Dr. Nora Brandt"); // the same pages, another device
  await lind.letGo();
  await lind.page.goto(link);
  await lind.page.getByRole("button", { name: "Make my passkey" }).click();
  await expect(lind.page.getByRole("heading", { name: "Find a patient" })).toBeVisible();

  await thomsen.go("/enrolment", "Invite colleagues");
  await thomsen.page.getByRole("button", { name: "New link: Dr. Vera Lind" }).click();
  await expect(thomsen.page.getByRole("dialog").getByText(/\/enrol#/)).toBeVisible();
  await thomsen.page.keyboard.press("Escape");
  await thomsen.page.getByRole("button", { name: "Disable: Dr. Vera Lind" }).click();
  await thomsen.page.getByRole("button", { name: "Disable now" }).click();
  await expect(thomsen.page.getByText("Dr. Vera Lind is signed out everywhere")).toBeVisible();
  await expect(thomsen.page.getByText(/^1 open link went as well/)).toBeVisible();
  await thomsen.expectAccessible();
  await thomsen.close();
  await lind.page.reload();
  await lind.page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(lind.page.getByRole("alert")).toBeVisible();
  await lind.close();
});

test("a patient makes a second passkey at the regulator's site", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/account", "Account");
  const opened = anna.page.waitForEvent("popup");
  await anna.page.getByRole("button", { name: /Make it at regulator/ }).click();
  const making = await opened;
  const device = await deviceOf(making);
  await expect(making.getByText("This site keeps nothing about you.")).toBeVisible();
  await expectAccessible(making);
  for (const [size, viewport] of Object.entries(sizes)) {
    await making.setViewportSize(viewport);
    await making.screenshot({ path: path.join(import.meta.dirname, "screenshots", `second-key-${size}.png`) });
  }
  await making.getByRole("button", { name: "Make my passkey" }).click();
  await expect(making.getByText("Go back to your hospital")).toBeVisible();
  Person.keep(secondSite, await device.keys());
  await making.close();
  await anna.page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(anna.page.getByText("Your second passkey is yours now.")).toBeVisible();
  await anna.go("/account", "Account");
  await expect(anna.page.getByRole("button", { name: /Make it at regulator/ })).toHaveCount(0);
  await anna.close();
});

test("a permit that waits says what is missing for a second signature, and the regulator's page brings one to the channel", async ({ browser }) => {
  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/permissions", "Permissions");
  const { credentials } = await anna.page.evaluate(async (address) => (await (await fetch(address)).json()) as { credentials: { rpId: string }[] },
    `/api/v1/patients/${patientId()}/credentials`);
  const card = anna.page.getByRole("article").filter({ hasText: "East Hospital" });
  await expect(card.getByText(/Only a second signature ends the waiting/)).toBeVisible();

  // As if another hospital had brought the second passkey two days ago: the page offers it, and the channel's own word decides.
  const aged = { addedBy: "SouthMSP", addedAt: new Date(Date.now() - 48 * 3_600_000).toISOString() };
  const told = credentials.map((entry) => (entry.rpId.startsWith("regulator") ? { ...entry, ...aged } : entry));
  await anna.page.route("**/credentials", (route) => route.fulfill({ json: { credentials: told } }));
  await anna.go("/permissions", "Permissions");
  const opened = anna.page.waitForEvent("popup");
  await card.getByRole("button", { name: /Sign again at regulator/ }).click();
  const signing = await opened;
  await (await deviceOf(signing)).hold(Person.keysOf(secondSite));
  await expect(signing.getByText("Physicians at East may read")).toBeVisible();
  await expect(signing.getByText("Sign only if this is what you wanted to permit.")).toBeVisible();
  await expectAccessible(signing);
  await signing.screenshot({ path: path.join(import.meta.dirname, "screenshots", "second-signature.png") });
  const brought = signing.waitForRequest((request) => request.url().endsWith("/api/v1/second-keys/co-signatures"));
  await signing.getByRole("button", { name: "Sign with your passkey" }).click();
  expect(new URL((await brought).url()).hostname).toBe("regulator.localhost");
  await expect(signing.getByRole("alert")).toContainText("consent.cosigner_same_origin");
  await expect(card.getByRole("alert")).toContainText("consent.cosigner_same_origin"); // the portal hears it while the window is open
  await signing.getByRole("button", { name: "Close" }).click();
  await anna.close();
});

test("a patient appoints a helper, who signs within limits until the patient ends it", async ({ browser }) => {
  const iversen = await Person.open(browser, "Paul Iversen");
  await iversen.signIn();
  await iversen.go("/", "Enrol patients");
  await iversen.page.getByRole("radio", { name: /Somebody whom the patient will appoint/ }).check();
  await iversen.page.getByLabel("Name", { exact: true }).fill("Lena Keller");
  await iversen.page.getByLabel("Patient's id", { exact: true }).fill(patientId());
  await iversen.page.getByRole("button", { name: "Make the link" }).click();
  const invitation = await iversen.page.getByRole("dialog").getByText(/\/enrol#/).innerText();
  await iversen.close();

  const lena = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await deviceOf(lena);
  await lena.goto(invitation);
  await lena.getByRole("button", { name: "Make my passkey" }).click();
  await expect(lena.getByRole("heading", { name: "Show this to the patient" })).toBeVisible();
  await expectAccessible(lena);
  await lena.screenshot({ path: path.join(import.meta.dirname, "screenshots", "helper-link.png"), fullPage: true });
  const link = await lena.getByText(/\/helpers\/new#/).innerText();

  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.go("/helpers/new", "Appoint a helper");
  await anna.page.getByLabel("The person’s link").fill("https://evil.example/helpers/new#dg-a.b.c");
  await expect(anna.page.getByText("This is no link of a helper")).toBeVisible();
  await anna.page.goto("about:blank");
  await anna.page.goto(link);
  const sign = anna.page.getByRole("button", { name: "Sign with your passkey" });
  for (const act of ["permissions", "refusals", "endings", "links to hospitals"]) await expect(anna.page.getByRole("checkbox", { name: act, exact: true })).not.toBeChecked();
  await expect(sign).toBeDisabled();
  await anna.page.getByRole("checkbox", { name: "permissions", exact: true }).check();
  await anna.page.getByRole("checkbox", { name: "endings", exact: true }).check();
  await anna.page.getByRole("combobox", { name: "Permissions for" }).click();
  await anna.page.getByRole("option", { name: "South Hospital" }).click();
  await expect(sign).toBeDisabled(); // no kind is chosen yet
  await anna.page.getByRole("checkbox", { name: "Laboratory result" }).check();
  await anna.page.getByRole("checkbox", { name: "Test result" }).check();
  await anna.expectAccessible();
  for (const [size, viewport] of Object.entries(sizes)) {
    await anna.page.setViewportSize(viewport);
    await anna.page.screenshot({ path: path.join(import.meta.dirname, "screenshots", `appoint-${size}.png`), fullPage: true });
  }
  await anna.page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(anna.page.getByText(/The person may sign for you until/)).toBeVisible();
  await anna.page.getByRole("link", { name: "To your helpers" }).click();
  const power = anna.page.getByRole("article").filter({ hasText: "A person you appointed" });
  await expect(power.getByText("Active", { exact: true })).toBeVisible();
  await expect(power).toContainText("South Hospital");
  await anna.expectAccessible();
  for (const [size, viewport] of Object.entries(sizes)) {
    await anna.page.setViewportSize(viewport);
    await anna.page.screenshot({ path: path.join(import.meta.dirname, "screenshots", `helpers-${size}.png`), fullPage: true });
  }

  await lena.getByRole("button", { name: "The patient has it, go on" }).click();
  await expect(lena.getByRole("heading", { name: "My records" })).toBeVisible();
  await lena.goto(new URL("/permissions/new", invitation).href);
  await lena.getByRole("radio", { name: /laboratory results/ }).click();
  await lena.getByRole("combobox", { name: "Hospital or practice" }).click();
  await lena.getByRole("option", { name: "East Hospital" }).click();
  await lena.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(lena.getByRole("alert")).toContainText("delegate.outside_scope");
  await lena.getByRole("combobox", { name: "Hospital or practice" }).click();
  await lena.getByRole("option", { name: "South Hospital" }).click();
  await lena.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(lena.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();

  // What the helper signed, the helper takes back; of the patient's own permissions the page tells nothing.
  await lena.getByRole("link", { name: "What you signed" }).click();
  await expect(lena.getByRole("heading", { level: 1, name: "What you signed" })).toBeVisible();
  await expect(lena.getByText("permissions and endings")).toBeVisible();
  const own = lena.getByRole("article").filter({ hasText: "South Hospital" });
  await expect(lena.getByRole("article")).toHaveCount(1);
  for (const address of ["/", "/permissions", "/permissions/new", "/hospitals"]) {
    await lena.goto(new URL(address, invitation).href);
    await expect(lena.getByRole("heading", { level: 1, name: { "/": "My records", "/permissions": "What you signed", "/permissions/new": "New permission" }[address] ?? /does not exist/ })).toBeVisible();
    await expectAccessible(lena);
    for (const [size, viewport] of Object.entries(sizes)) {
      await lena.setViewportSize(viewport);
      await lena.screenshot({ path: path.join(import.meta.dirname, "screenshots", `delegate${address.replaceAll("/", "_")}-${size}.png`), fullPage: true });
    }
    if (address === "/permissions/new") await expect(lena.getByRole("radio", { name: /may not see my records/ })).toHaveCount(0); // refusals are not in the power
  }
  await lena.goto(new URL("/permissions", invitation).href);
  await own.getByRole("button", { name: "End this permission" }).click();
  await lena.getByRole("button", { name: "Sign and end it" }).click();
  await expect(lena.getByText(/It is ended at/)).toBeVisible();
  await lena.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await expect(lena.getByText("You have signed nothing that is in force.")).toBeVisible();

  await power.getByRole("button", { name: "End this power" }).click();
  await anna.page.getByRole("button", { name: "Sign and end it" }).click();
  await expect(anna.page.getByText(/It is ended at two places or more/)).toBeVisible();
  await anna.close();
  await lena.reload();
  await expect(lena.getByRole("button", { name: "Sign in with a passkey" })).toBeVisible();
  await lena.context().close();
});

test("what a helper permitted ends with the power, unless the patient confirms it", async ({ browser }) => {
  const iversen = await Person.open(browser, "Paul Iversen");
  await iversen.signIn();
  await iversen.go("/", "Enrol patients");
  await iversen.page.getByRole("radio", { name: /Somebody whom the patient will appoint/ }).check();
  await iversen.page.getByLabel("Name", { exact: true }).fill("Tom Keller");
  await iversen.page.getByLabel("Patient's id", { exact: true }).fill(patientId());
  await iversen.page.getByRole("button", { name: "Make the link" }).click();
  const invitation = await iversen.page.getByRole("dialog").getByText(/\/enrol#/).innerText();
  await iversen.close();

  const tom = await (await browser.newContext({ locale: "en-GB" })).newPage();
  await deviceOf(tom);
  await tom.goto(invitation);
  await tom.getByRole("button", { name: "Make my passkey" }).click();
  const link = await tom.getByText(/\/helpers\/new#/).innerText();

  const anna = await Person.open(browser, "Anna Keller");
  await anna.signIn();
  await anna.page.goto(link);
  await anna.page.getByRole("checkbox", { name: "permissions", exact: true }).check();
  await anna.page.getByRole("combobox", { name: "Permissions for" }).click();
  await anna.page.getByRole("option", { name: "South Hospital" }).click();
  await anna.page.getByRole("checkbox", { name: "Laboratory result" }).check();
  await anna.page.getByRole("checkbox", { name: "Test result" }).check();
  await anna.page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(anna.page.getByText(/The person may sign for you until/)).toBeVisible();

  await tom.getByRole("button", { name: "The patient has it, go on" }).click();
  await expect(tom.getByRole("heading", { name: "My records" })).toBeVisible();
  await tom.goto(new URL("/permissions/new", invitation).href);
  await tom.getByRole("radio", { name: /laboratory results/ }).click();
  await tom.getByRole("combobox", { name: "Hospital or practice" }).click();
  await tom.getByRole("option", { name: "South Hospital" }).click();
  await tom.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(tom.getByRole("heading", { name: "Your permission is signed" })).toBeVisible();
  await tom.context().close();

  await anna.go("/helpers", "Helpers");
  await anna.page.getByRole("article").filter({ hasText: "A person you appointed" }).getByRole("button", { name: "End this power" }).first().click();
  await anna.page.getByRole("button", { name: "Sign and end it" }).click();
  await expect(anna.page.getByText(/It is ended at two places or more/)).toBeVisible();
  // The notice of the permit leads to what can be done about it; so do the permissions.
  await anna.go("/notices", "Notices");
  await expect(anna.page.getByRole("link", { name: "Look and confirm" })).toBeVisible();
  await anna.go("/permissions", "Permissions");
  await anna.page.getByRole("link", { name: "Look and confirm" }).click();
  await expect(anna.page.getByRole("heading", { level: 1, name: "To confirm" })).toBeVisible();
  const permit = anna.page.getByRole("article");
  await expect(permit).toHaveCount(1);
  await expect(permit).toContainText("South Hospital");
  await expect(permit.getByText("Does not count", { exact: true })).toBeVisible();
  await anna.expectAccessible();
  for (const [size, viewport] of Object.entries(sizes)) {
    await anna.page.setViewportSize(viewport);
    await anna.page.screenshot({ path: path.join(import.meta.dirname, "screenshots", `confirm-${size}.png`), fullPage: true });
  }
  await permit.getByRole("button", { name: "Confirm this permission" }).click();
  await anna.page.getByRole("button", { name: "Sign and confirm" }).click();
  await expect(anna.page.getByText("The permission is confirmed.")).toBeVisible();
  await anna.page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
  await expect(anna.page.getByText("Nothing waits for your confirmation.")).toBeVisible();

  await anna.go("/permissions", "Permissions");
  const kept = anna.page.getByRole("article").filter({ hasText: "South Hospital" }).filter({ hasText: "In force" });
  await expect(kept).toHaveCount(1);
  await expect(anna.page.getByRole("link", { name: "Look and confirm" })).toHaveCount(0);
  await kept.getByRole("button", { name: "End this permission" }).click();
  await anna.page.getByRole("button", { name: "Sign and end it" }).click();
  await expect(anna.page.getByText(/It is ended at/)).toBeVisible();
  await anna.close();
});

test("a patient who lost the passkey comes back by two hospitals, and waits", async ({ browser }) => {
  const marco = await Person.open(browser, "Marco Bellini");
  await marco.signIn();
  await marco.go("/hospitals", "Hospitals");
  await marco.page.getByRole("button", { name: "Make North Hospital known to you" }).click();
  await marco.page.getByRole("button", { name: "Sign with your passkey" }).click();
  await expect(marco.page.getByText("North Hospital knows you now.")).toBeVisible();
  const id = marco.entry.patientId!;
  await marco.close();

  const found = await Person.open(browser, "Marco Bellini");
  await found.letGo(); // the device is gone
  await found.go("/", /Your decision/);
  await found.page.getByRole("link", { name: "I lost my passkey" }).click();
  await expect(found.page.getByRole("heading", { name: "Lost your passkey?" })).toBeVisible();
  await found.expectAccessible();

  const huber = await Person.open(browser, "Greta Huber");
  await huber.signIn();
  await huber.go("/", "Enrol patients");
  await huber.page.getByLabel("Name", { exact: true }).fill("Marco Bellini");
  await huber.page.getByLabel("Patient's id", { exact: true }).fill(id);
  await huber.page.getByRole("button", { name: "Make the link" }).click();
  const link = await huber.page.getByRole("dialog").getByText(/\/enrol#/).innerText();
  await huber.close();
  await found.page.goto(link);
  await found.page.getByRole("button", { name: "Make my passkey" }).click();
  await expect(found.page.getByRole("alert")).toContainText("A second hospital that knows you confirms");

  const iversen = await Person.open(browser, "Paul Iversen");
  await iversen.signIn();
  // North's word may come to South a moment later.
  await expect(async () => {
    await iversen.go("/", "Enrol patients");
    await iversen.page.getByLabel("Id of the patient who lost them").fill(id);
    await iversen.page.getByRole("button", { name: "Look for new passkeys" }).click();
    await expect(iversen.page.getByText("Second hospital missing")).toBeVisible({ timeout: 10_000 });
  }).toPass({ timeout: 120_000 });
  await iversen.expectAccessible();
  await iversen.page.getByRole("button", { name: "This hospital vouches, too" }).click();
  await expect(iversen.page.getByText("Waits 72 hours")).toBeVisible();
  await iversen.close();

  await found.go("/", /Your decision/);
  await found.page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(found.page.getByRole("heading", { name: "Your new passkey" })).toBeVisible();
  await found.readUntil(found.page.getByText(/It waits, to protect you/));
  await found.expectAccessible();
  await found.close();
});
