/** How far a signer is whom hospitals vouch for, by the words that people are shown. */
const standings = ["incomplete", "waiting", "active", "ended"] as const;

export const isStanding = (status: string): status is (typeof standings)[number] => (standings as readonly string[]).includes(status);
