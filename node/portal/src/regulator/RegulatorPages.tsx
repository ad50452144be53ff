import "../i18n/staff";
import { BadgeCheck, Blocks, CircleUserRound, Gavel, HeartPulse, Network, Scale, Siren, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { EmergenciesPage } from "../office/EmergenciesPage";
import { HealthPage } from "../office/HealthPage";
import { IncidentsPage } from "../office/IncidentsPage";
import { MembersPage } from "../office/MembersPage";
import { StaffAccountPage } from "../office/StaffAccountPage";
import { NotFound } from "../ui/NotFound";
import { Shell } from "../ui/Shell";
import { BlocksPage } from "./BlocksPage";
import { DecisionsPage } from "./DecisionsPage";
import { VerifyPage } from "./VerifyPage";
import { VotesPage } from "./VotesPage";

export default function RegulatorPages() {
  const { t } = useTranslation("staff");
  const items = [
    { to: "/", label: t("nav.reviews"), icon: Siren },
    { to: "/decisions", label: t("nav.decisions"), icon: Scale },
    { to: "/blocks", label: t("nav.blocks"), icon: Blocks },
    { to: "/verification", label: t("nav.verify"), icon: BadgeCheck },
    { to: "/incidents", label: t("nav.incidents"), icon: TriangleAlert },
    { to: "/members", label: t("nav.members"), icon: Network },
    { to: "/votes", label: t("nav.votes"), icon: Gavel },
    { to: "/condition", label: t("nav.condition"), icon: HeartPulse },
    { to: "/account", label: t("nav.account"), icon: CircleUserRound },
  ];
  return (
    <Routes>
      <Route element={<Shell items={items} />}>
        <Route index element={<EmergenciesPage />} />
        <Route path="members" element={<MembersPage />} />
        <Route path="decisions" element={<DecisionsPage />} />
        <Route path="votes" element={<VotesPage />} />
        <Route path="incidents" element={<IncidentsPage />} />
        <Route path="blocks" element={<BlocksPage />} />
        <Route path="verification" element={<VerifyPage />} />
        <Route path="condition" element={<HealthPage />} />
        <Route path="account" element={<StaffAccountPage />} />
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
