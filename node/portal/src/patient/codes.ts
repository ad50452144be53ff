/** Kinds of data that hospitals tell apart, as labels.json of the nodes ships them; a hospital's own ones are shown as "other". */
export const categories = [
  "laboratory", "imaging", "observation", "document", "medication", "immunization", "procedure", "encounter", "order", "referral",
  "appointment", "care-plan", "billing", "other",
] as const;
export type Category = (typeof categories)[number];
export const isCategory = (code: string): code is Category => (categories as readonly string[]).includes(code);

/** Labels of sensitive records, codes of HL7's InformationSensitivityPolicy. */
export const labels = ["HIV", "STD", "PSY", "ETH", "GDIS", "SDV"] as const;
export type Label = (typeof labels)[number];
export const isLabel = (code: string): code is Label => (labels as readonly string[]).includes(code);

/** HL7 v3 Confidentiality, as far as records on the channel have it. */
const confidentialities = ["U", "L", "M", "N", "R", "V"] as const;
export const isConfidentiality = (code: string): code is (typeof confidentialities)[number] => (confidentialities as readonly string[]).includes(code);

/** Purposes for which a permission can be given. */
export const purposes = ["TREAT", "COC", "PATRQT", "FAMRQT", "HPAYMT", "HRESCH", "PUBHLTH"] as const;
export const shownPurposes = [...purposes, "ETREAT", "BTG", "CAREMGT", "HOPERAT", "CLINTRCH"] as const;
export const isPurpose = (code: string): code is (typeof shownPurposes)[number] => (shownPurposes as readonly string[]).includes(code);

/** Roles that a permission can name. */
export const readerRoles = ["physician", "nurse"] as const;
export type ReaderRole = (typeof readerRoles)[number];
