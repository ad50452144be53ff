import { describe, expect, it } from "vitest";
import { linkedConsent } from "../src/patient/linked";
import { placeOf } from "../src/patient/notices";

describe("a notice", () => {
  const subject = "st-gezdgnbvgy3tqojqgezdgnbvgy";

  it.each(["consentAccepted", "consentRevoked", "consentAttested", "consentWithdrawn", "consentCoSigned", "consentConfirmed"])("of %s leads to that very permission", (kind) => {
    const place = placeOf({ kind, subject })!;
    expect(place).toBe(`/permissions#${subject}`);
    expect(linkedConsent(place.slice(place.indexOf("#")))).toBe(subject);
  });

  it("leads to the page that shows what it is about, and nowhere where there is none", () => {
    expect(["emergency", "patientMerged", "signerVouched", "credentialAdded", "erasureReported", "weather"].map((kind) => placeOf({ kind, subject })))
      .toEqual(["/activity", "/permissions", "/helpers", "/account", null, null]);
  });
});
