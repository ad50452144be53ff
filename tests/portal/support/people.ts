import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type APIRequestContext, type Browser, type BrowserContextOptions, type CDPSession, type Locator, type Page, type Request } from "@playwright/test";

export interface SignIn {
  node: string;
  url: string;
  person: string;
  role: string;
  token: string;
  patientId?: string | null;
  staffId?: string | null;
  enrolmentLink?: string | null;
}

export const signIns = (): SignIn[] => JSON.parse(readFileSync(path.join(process.env.PORTAL_STATE!, "sign-ins.json"), "utf8")) as SignIn[];
export const find = (person: string): SignIn => signIns().find((entry) => entry.person === person)!;
export const originOf = (entry: SignIn): string => `http://${entry.node}.localhost:${new URL(entry.url).port}`;

interface Passkey {
  credentialId: string;
  isResidentCredential: boolean;
  rpId?: string;
  privateKey: string;
  userHandle?: string;
  signCount: number;
}

// A passkey outlives the page that made it, as on a device: kept beside the sandbox's state, because a test that fails takes its process along.
const devicesFile = (): string => path.join(process.env.PORTAL_STATE!, "devices.json");
const devices = (): Record<string, Passkey[]> => (existsSync(devicesFile()) ? JSON.parse(readFileSync(devicesFile(), "utf8")) as Record<string, Passkey[]> : {});

/** Calls a node as that person, by the token that a program would have. */
export const as = (person: string) => {
  const { token, url } = find(person);
  return { headers: { Authorization: `Bearer ${token}` }, at: (address: string) => new URL(address, url).href };
};

/** Changes the rules of the channel by the votes of three of its four members, as their administrators do. */
export async function vote(request: APIRequestContext, change: Record<string, number>): Promise<void> {
  const first = as("Ida Thomsen");
  const { settings } = (await (await request.get(first.at("/api/v1/organizations"), first)).json()) as { settings: object };
  const proposed = await request.post(first.at("/api/v1/organizations/proposals"), { ...first, data: { settings: { ...settings, ...change } } });
  expect(proposed.status(), await proposed.text()).toBe(201);
  const { proposalId } = (await proposed.json()) as { proposalId: string };
  for (const person of ["Pia Castelli", "Oskar Lund"]) {
    const voter = as(person);
    await expect.poll(async () => (await request.post(voter.at(`/api/v1/organizations/proposals/${proposalId}/votes`), voter)).status(), { timeout: 120_000 }).toBe(200);
  }
}

/** Widths that each page is looked at in. */
export const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 860 } };

const underWay = new WeakMap<Page, Set<Request>>();

/** Counts what a page asks for from now on, so that it can be told when it has all of it. */
function watch(page: Page): void {
  const open = new Set<Request>();
  underWay.set(page, open);
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) open.clear(); // what the page before asked for is nobody's any more
    open.add(request);
  });
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
}

/** Until the page has what it asked for and has drawn it: at once then, where the browser's own word for it takes half a second more. */
export async function settled(page: Page): Promise<void> {
  const open = underWay.get(page);
  if (!open) return page.waitForLoadState("networkidle");
  await expect(async () => {
    expect(open.size).toBe(0);
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn, 50)))));
    expect(open.size).toBe(0); // what was drawn may ask for more
    await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0, { timeout: 1 });
  }).toPass({ intervals: [20, 50, 100], timeout: 60_000 });
}

/** Nothing that WCAG 2.2 AA forbids, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  await settled(page);
  // There are no frames: nothing has to be put together on a page of its own.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(violations.map(({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map((node) => node.html.slice(0, 120)).join(" | ")}`)).toEqual([]);
}

/** A device with passkeys of its own behind a page, such as one that another page opened. */
export async function deviceOf(page: Page): Promise<{ keys(): Promise<Passkey[]>; hold(passkeys: Passkey[]): Promise<void> }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    keys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials as Passkey[],
    async hold(passkeys) {
      for (const credential of passkeys) await cdp.send("WebAuthn.addCredential", { authenticatorId, credential });
    },
  };
}

/** A person with a browser and a device that holds that person's passkeys. */
export class Person {
  readonly faults: string[] = [];
  readonly entry: SignIn;
  readonly page: Page;
  readonly #cdp: CDPSession;
  readonly #authenticator: string;

  private constructor(entry: SignIn, page: Page, cdp: CDPSession, authenticator: string) {
    [this.entry, this.page, this.#cdp, this.#authenticator] = [entry, page, cdp, authenticator];
    page.on("console", (message) => {
      // A refusal that the page shows is no fault of the page; a broken content security policy is.
      if (message.type() === "error" && !/Failed to load resource/.test(message.text())) this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith(this.origin) && !/^(data|blob):/.test(request.url())) this.faults.push(`asked another site: ${new URL(request.url()).host}`);
    });
  }

  get origin(): string {
    return originOf(this.entry);
  }

  static async open(browser: Browser, name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const entry = find(name);
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 860 }, baseURL: originOf(entry), ...options });
    const page = await context.newPage();
    watch(page);
    const cdp = await context.newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    const person = new Person(entry, page, cdp, authenticatorId);
    await person.hold(Person.keysOf(name));
    return person;
  }

  /** Puts passkeys on the device. */
  async hold(passkeys: Passkey[]): Promise<void> {
    for (const credential of passkeys) await this.#cdp.send("WebAuthn.addCredential", { authenticatorId: this.#authenticator, credential });
  }

  /** Takes every passkey off the device, as when it is handed to somebody with a key of their own. */
  async letGo(): Promise<void> {
    await this.#cdp.send("WebAuthn.clearCredentials", { authenticatorId: this.#authenticator });
  }

  static keysOf = (name: string): Passkey[] => devices()[name] ?? [];

  /** Keeps passkeys for a later test. */
  static keep(name: string, passkeys: Passkey[]): void {
    writeFileSync(devicesFile(), JSON.stringify({ ...devices(), [name]: passkeys }));
  }

  /** By the one-time link the first time, by the passkey that this made from then on. */
  async signIn(): Promise<void> {
    const { person, enrolmentLink } = this.entry;
    if (Person.keysOf(person).length > 0) {
      await this.page.goto(`${this.origin}/`);
      await this.page.getByRole("button", { name: "Sign in with a passkey" }).click();
    } else {
      await this.page.goto(enrolmentLink!);
      await this.page.getByRole("button", { name: "Make my passkey" }).click();
      // Patients are offered a second passkey in the same breath.
      if (this.entry.role === "patient") await this.page.getByRole("button", { name: "Go on to my pages" }).click();
    }
    await expect(this.page.getByRole("navigation").first()).toBeVisible();
    const { credentials } = await this.#cdp.send("WebAuthn.getCredentials", { authenticatorId: this.#authenticator });
    Person.keep(person, credentials as Passkey[]);
  }

  async go(address: string, heading: string | RegExp): Promise<void> {
    await this.page.goto(`${this.origin}${address}`);
    await expect(this.page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
  }

  /** What another hospital said a moment ago may not have come to this one yet: the page is read again until it is there. */
  async readUntil(there: Locator): Promise<void> {
    await expect(async () => {
      try {
        await expect(there).toBeVisible({ timeout: 10_000 });
      } catch (absent) {
        await this.page.reload();
        throw absent;
      }
    }).toPass({ timeout: 120_000 });
  }

  /** Nothing that WCAG 2.2 AA forbids, as far as a program can tell. */
  expectAccessible(): Promise<void> {
    return expectAccessible(this.page);
  }

  async close(): Promise<void> {
    await this.page.context().close();
    expect(this.faults).toEqual([]);
  }
}
