import "../i18n/staff";
import { CircleUserRound, ListChecks, Network, Search } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { MembersPage } from "../office/MembersPage";
import { StaffAccountPage } from "../office/StaffAccountPage";
import { NotFound } from "../ui/NotFound";
import { Page } from "../ui/Page";
import { Shell } from "../ui/Shell";
import { AskedList } from "./AskedList";
import { EmergencyPage } from "./EmergencyPage";
import { FindPage } from "./FindPage";
import { PatientPage } from "./PatientPage";
import { RequestPage } from "./RequestPage";

export default function ClinicianPages() {
  const { t } = useTranslation("staff");
  const items = [
    { to: "/", label: t("nav.find"), icon: Search },
    { to: "/requests", label: t("nav.asked"), icon: ListChecks },
    { to: "/members", label: t("nav.members"), icon: Network },
    { to: "/account", label: t("nav.account"), icon: CircleUserRound },
  ];
  return (
    <Routes>
      <Route element={<Shell items={items} />}>
        <Route index element={<FindPage />} />
        <Route path="patients/:patientId" element={<PatientPage />} />
        <Route path="patients/:patientId/emergency" element={<EmergencyPage />} />
        <Route path="requests" element={<Page title={t("asked.title")} lead={t("asked.lead")}><AskedList /></Page>} />
        <Route path="requests/:id" element={<RequestPage />} />
        <Route path="members" element={<MembersPage />} />
        <Route path="account" element={<StaffAccountPage />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
