import type { Schemas } from "../api/client";

/** Where the patient sees what a notice is about; null where no page shows it. */
export function placeOf({ kind, subject }: Pick<Schemas["Notification"], "kind" | "subject">): string | null {
  switch (kind) {
    case "consentAccepted": case "consentRevoked": case "consentAttested": case "consentWithdrawn": case "consentCoSigned": case "consentConfirmed":
      return `/permissions#${subject}`;
    case "patientMerged": case "mergeObjected":
      return "/permissions";
    case "emergency": case "emergencyReview":
      return "/activity";
    case "credentialAdded": case "credentialRevoked":
      return "/account";
    case "hospitalLinked":
      return "/hospitals";
    case "delegateAppointed": case "delegateRevoked": case "signerVouched": case "signerObjected":
      return "/helpers";
    default:
      return null;
  }
}
