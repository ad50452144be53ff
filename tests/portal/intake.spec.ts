import { expect, test } from "@playwright/test";
import { as, Person } from "./support/people.ts";

test("what waits in quarantine is sent through again by a click: in vain at first, then with its cause mended", async ({ browser, request }) => {
  const admin = as("Ida Thomsen");
  const run = Date.now().toString(36).toUpperCase();
  const [old, successor] = [`Q-${run}`, `R-${run}`];
  const send = async (type: string, control: string, ...segments: string[]) => {
    const data = [`MSH|^~\\&|ADT|NORTH|NODE|NORTH|20260302090000+0100||${type}|${control}-${run}|P|2.5.1`, ...segments, ""].join("\r");
    const answer = await request.post(admin.at("/api/v1/messages"), { headers: { ...admin.headers, "Content-Type": "application/hl7-v2" }, data: Buffer.from(data) });
    expect(answer.ok(), await answer.text()).toBe(true);
  };
  // A number is replaced by another, and may be somebody else's from then on: a message with the old one alone names nobody.
  await send("ADT^A04^ADT_A01", "N-Q1", "EVN|A04|20260302090000", `PID|1||${old}^^^NORTH^MR||Winter^Ole`, "PV1|1|O|MED^^^NORTH");
  await send("ADT^A47^ADT_A30", "N-Q2", "EVN|A47|20260302090500", `PID|1||${successor}^^^NORTH^MR||Winter^Ole`, `MRG|${old}^^^NORTH^MR`);
  await send("ORU^R01^ORU_R01", "N-Q3", `PID|1||${old}^^^NORTH^MR||Sommer^Ida`, "OBR|1|||24323-8^Panel^LN|||20260302083000", "OBX|1|NM|2345-7^Glucose^LN||91|mg/dL|70-99|N|||F");

  const thomsen = await Person.open(browser, "Ida Thomsen");
  const { page } = thomsen;
  await thomsen.signIn();
  await thomsen.go("/", "Intake");
  await page.getByText("Quarantine", { exact: true }).click();
  const waiting = page.getByRole("article").filter({ hasText: "patient.number_replaced" });
  await thomsen.readUntil(waiting.first());
  await waiting.first().getByRole("button", { name: /Details/ }).click();
  const dialog = page.getByRole("dialog", { name: "Message" });
  const state = (name: string) => dialog.locator("dd", { hasText: new RegExp(`^${name}$`) });
  await expect(state("quarantined")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Discard for good" })).toBeDisabled(); // not without a reason
  await thomsen.expectAccessible();
  await dialog.getByRole("button", { name: "Through all steps again" }).click();
  await expect(dialog.getByText("It is in quarantine again: the cause is not mended yet.")).toBeVisible();
  await expect(state("quarantined")).toBeVisible();
  await expect(dialog.getByText(/patient\.number_replaced/).first()).toBeVisible();

  // At the desk the number is given to the person whom the message is about.
  const iversen = await Person.open(browser, "Paul Iversen");
  await iversen.signIn();
  await iversen.go("/", "Enrol patients");
  await iversen.page.getByLabel("Our number").fill(old);
  await iversen.page.getByLabel("Assigned by").fill("NORTH");
  await iversen.page.getByRole("button", { name: "Find", exact: true }).click();
  await iversen.page.getByRole("button", { name: "Enrol a new patient" }).click(); // nobody has the number any more
  const patient = await iversen.page.getByRole("status").filter({ hasText: "Enrolled now." }).locator(".hs-mono").innerText();
  await iversen.close();

  await dialog.getByRole("button", { name: "Through all steps again" }).click();
  await expect(state("registered")).toBeVisible();
  await expect(dialog.getByText(patient)).toBeVisible();
  await expect(dialog.getByText(/^rc-[a-z2-7]{26}$/)).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Through all steps again" })).toHaveCount(0);
  await thomsen.close();
});
