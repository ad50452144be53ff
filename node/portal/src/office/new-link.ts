import type { Schemas } from "../api/client";
import type { NewInvitation } from "../session/session-api";

/** A link for somebody who works here already: the same person with another passkey, so that what names them goes on to do so. */
export function newLinkFor({ role, displayName, staffId }: Pick<Schemas["StaffMember"], "role" | "displayName" | "staffId">): NewInvitation {
  if (!staffId) throw new Error("Only who has a staff id can get another link.");
  return { role, displayName, staffId };
}
