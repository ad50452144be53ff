import { Center, Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { SignInPage } from "./session/SignInPage";
import { Welcome } from "./session/Welcome";
import { useSessionState } from "./session/session";
import type { Role } from "./session/session-api";
import { Problem } from "./ui/Problem";

// Each kind of people loads its own pages and no others.
const PatientPages = lazy(() => import("./patient/PatientPages"));
const ClinicianPages = lazy(() => import("./clinician/ClinicianPages"));
const OfficePages = lazy(() => import("./office/OfficePages"));
const RegulatorPages = lazy(() => import("./regulator/RegulatorPages"));

function pagesOf(role: Role, kind: "hospital" | "regulator") {
  switch (role) {
    case "patient": case "delegate": return <PatientPages />;
    case "physician": case "nurse": case "pharmacist": return <ClinicianPages />;
    case "auditor": case "privacyOfficer": return kind === "regulator" ? <RegulatorPages /> : <OfficePages />;
    default: return <OfficePages />;
  }
}

/** The pages of whoever is signed in, or the door. */
export function Home() {
  const { t } = useTranslation();
  const { session, error, retry } = useSessionState();
  const waiting = <Center mih="100dvh"><Loader role="status" aria-label={t("state.loading")} /></Center>;
  if (error) return <Welcome><Problem error={error} retry={retry} /></Welcome>;
  if (session === undefined) return waiting;
  if (session === null) return <SignInPage />;
  return <Suspense fallback={waiting}>{pagesOf(session.role, session.organization.kind)}</Suspense>;
}
