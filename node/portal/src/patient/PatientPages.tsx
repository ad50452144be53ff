import { useQuery } from "@tanstack/react-query";
import { Bell, Building2, CircleUserRound, Eye, FolderOpen, House, IdCard, KeyRound, ShieldCheck, Users } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { usePatientId, useSession } from "../session/session";
import { NotFound } from "../ui/NotFound";
import { Problem } from "../ui/Problem";
import { Shell } from "../ui/Shell";
import { Waiting } from "../ui/Waiting";
import { HomePage } from "./HomePage";
import { codeBookQuery, ownSignerQuery } from "./queries";

// Only what the first page needs comes with it: these are loaded as they are opened.
const DelegatePages = lazy(() => import("./DelegatePages"));
const RecoveryPage = lazy(() => import("./RecoveryPage").then((module) => ({ default: module.RecoveryPage })));
const AccountPage = lazy(() => import("./AccountPage").then((module) => ({ default: module.AccountPage })));
const ActivityPage = lazy(() => import("./ActivityPage").then((module) => ({ default: module.ActivityPage })));
const NoticesPage = lazy(() => import("./NoticesPage").then((module) => ({ default: module.NoticesPage })));
const PermissionsPage = lazy(() => import("./PermissionsPage").then((module) => ({ default: module.PermissionsPage })));
const RecordsPage = lazy(() => import("./RecordsPage").then((module) => ({ default: module.RecordsPage })));
const ConfirmPage = lazy(() => import("./ConfirmPage").then((module) => ({ default: module.ConfirmPage })));
const GrantPage = lazy(() => import("./GrantPage").then((module) => ({ default: module.GrantPage })));
const HelpersPage = lazy(() => import("./HelpersPage").then((module) => ({ default: module.HelpersPage })));
const HospitalsPage = lazy(() => import("./HospitalsPage").then((module) => ({ default: module.HospitalsPage })));
const AppointPage = lazy(() => import("./AppointPage").then((module) => ({ default: module.AppointPage })));
const CardPage = lazy(() => import("./CardPage").then((module) => ({ default: module.CardPage })));

export default function PatientPages() {
  const { t } = useTranslation();
  const { delegateId } = useSession();
  useQuery(codeBookQuery(usePatientId())); // asked for early: most pages need it
  const all = [
    { to: "/", label: t("nav.home"), icon: House },
    { to: "/permissions", label: t("nav.permissions"), icon: ShieldCheck },
    { to: "/activity", label: t("nav.activity"), icon: Eye },
    { to: "/records", label: t("nav.records"), icon: FolderOpen },
    { to: "/notices", label: t("nav.notices"), icon: Bell },
    { to: "/hospitals", label: t("nav.hospitals"), icon: Building2 },
    { to: "/helpers", label: t("nav.helpers"), icon: Users },
    { to: "/card", label: t("nav.card"), icon: IdCard },
    { to: "/account", label: t("nav.account"), icon: CircleUserRound },
  ];
  const own = useQuery({ ...ownSignerQuery(usePatientId()), enabled: !!delegateId });
  if (delegateId && own.isPending) return <Waiting />;
  if (own.isLoadingError) return <Problem error={own.error} retry={() => void own.refetch()} />;
  if (own.data?.kind === "credential") {
    return (
      <Routes>
        <Route element={<Shell items={[{ to: "/", label: t("recovery.title"), icon: KeyRound }]} />}>
          <Route index element={<RecoveryPage signer={own.data} />} /><Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    );
  }
  if (delegateId) return <DelegatePages signer={own.data ?? null} />;
  return (
    <Routes>
      <Route element={<Shell items={all} />}>
        <Route index element={<HomePage />} />
        <Route path="records" element={<RecordsPage />} />
        <Route path="permissions" element={<PermissionsPage />} />
        <Route path="permissions/new" element={<GrantPage />} />
        <Route path="permissions/confirmations" element={<ConfirmPage />} />
        <Route path="activity" element={<ActivityPage />} />
        <Route path="notices" element={<NoticesPage />} />
        <Route path="hospitals" element={<HospitalsPage />} />
        <Route path="helpers" element={<HelpersPage />} />
        <Route path="helpers/new" element={<AppointPage />} />
        <Route path="card" element={<CardPage />} />
        <Route path="account" element={<AccountPage />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
