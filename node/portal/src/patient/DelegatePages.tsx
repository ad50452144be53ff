import { useQuery } from "@tanstack/react-query";
import { Building2, FolderOpen, KeyRound, ShieldCheck } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import type { Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { NotFound } from "../ui/NotFound";
import { Problem } from "../ui/Problem";
import { Shell, type NavItem } from "../ui/Shell";
import { Waiting } from "../ui/Waiting";
import { powerOf } from "./appointment";
import { HospitalsPage } from "./HospitalsPage";
import { NoPowerPage } from "./NoPowerPage";
import { ownPowerQuery } from "./queries";
import { RecordsPage } from "./RecordsPage";

const ConfirmPage = lazy(() => import("./ConfirmPage").then((module) => ({ default: module.ConfirmPage })));
const GrantPage = lazy(() => import("./GrantPage").then((module) => ({ default: module.GrantPage })));
const SignedPage = lazy(() => import("./SignedPage").then((module) => ({ default: module.SignedPage })));

/** Pages of who signs in a patient's place: the records that are not confidential, and what the patient lets this person sign. All else is the patient's. */
export default function DelegatePages({ signer }: { signer: Schemas["VouchedSigner"] | null }) {
  const { t } = useTranslation();
  const appointed = useQuery(ownPowerQuery(usePatientId()));
  if (appointed.isPending) return <Waiting />;
  if (appointed.isLoadingError) return <Problem error={appointed.error} retry={() => void appointed.refetch()} />;
  const power = powerOf(appointed.data, signer);
  if (power.status !== "active") {
    return (
      <Routes>
        <Route element={<Shell items={[{ to: "/", label: t("signed.power"), icon: KeyRound }]} />}>
          <Route index element={<NoPowerPage power={power} />} /><Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    );
  }
  const { acts } = power;
  const canGrant = acts.includes("permit") || acts.includes("deny");
  const items: NavItem[] = [
    { to: "/", label: t("nav.records"), icon: FolderOpen },
    { to: "/permissions", label: t("nav.permissions"), icon: ShieldCheck },
    ...(acts.includes("link") ? [{ to: "/hospitals", label: t("nav.hospitals"), icon: Building2 }] : []),
  ];
  return (
    <Routes>
      <Route element={<Shell items={items} />}>
        <Route index element={<RecordsPage />} />
        <Route path="permissions" element={<SignedPage power={power} />} />
        {power.isGuardian && <Route path="permissions/confirmations" element={<ConfirmPage />} />}
        {canGrant && <Route path="permissions/new" element={<GrantPage acts={acts} />} />}
        {acts.includes("link") && <Route path="hospitals" element={<HospitalsPage />} />}
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
