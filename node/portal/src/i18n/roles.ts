/** Names of roles in English, for patients' and for staff's pages. */
export const roles = {
  patient: "Patient",
  delegate: "Acting for a patient",
  physician: "Physician",
  nurse: "Nurse",
  pharmacist: "Pharmacist",
  registrar: "Registrar",
  researcher: "Researcher",
  privacyOfficer: "Privacy officer",
  itAdministrator: "IT administrator",
  auditor: "Auditor",
  system: "Program",
};
