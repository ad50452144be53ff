import "../i18n/staff";
import { CircleUserRound, HeartPulse, Inbox, Network, Siren, TriangleAlert, UserPlus } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Route, Routes } from "react-router";
import { useSession } from "../session/session";
import type { Role } from "../session/session-api";
import { NotFound } from "../ui/NotFound";
import { Shell, type NavItem } from "../ui/Shell";
import { EmergenciesPage } from "./EmergenciesPage";
import { EnrolmentPage } from "./EnrolmentPage";
import { HealthPage } from "./HealthPage";
import { IncidentsPage } from "./IncidentsPage";
import { MembersPage } from "./MembersPage";
import { MessagesPage } from "./MessagesPage";
import { StaffAccountPage } from "./StaffAccountPage";

type OfficePage = "messages" | "reviews" | "incidents" | "condition" | "enrolment" | "members" | "account";

// As the node's own table of permissions has it; a page more would only show refusals.
const pagesOf: Partial<Record<Role, OfficePage[]>> = {
  privacyOfficer: ["reviews", "incidents", "messages", "condition", "members", "account"],
  itAdministrator: ["messages", "condition", "enrolment", "members", "account"],
  registrar: ["enrolment", "messages", "members", "account"],
  auditor: ["reviews", "incidents", "condition", "members", "account"],
};

/** Pages of those who run a hospital's node and watch over it. */
export default function OfficePages() {
  const { t } = useTranslation("staff");
  const { role, organization } = useSession();
  const pages: Record<OfficePage, { icon: NavItem["icon"]; element: ReactNode }> = {
    messages: { icon: Inbox, element: <MessagesPage /> },
    reviews: { icon: Siren, element: <EmergenciesPage /> },
    incidents: { icon: TriangleAlert, element: <IncidentsPage /> },
    condition: { icon: HeartPulse, element: <HealthPage /> },
    enrolment: { icon: UserPlus, element: <EnrolmentPage /> },
    members: { icon: Network, element: <MembersPage /> },
    account: { icon: CircleUserRound, element: <StaffAccountPage /> },
  };
  // A regulator takes no messages in.
  const own = (pagesOf[role] ?? ["members", "account"]).filter((page) => page !== "messages" || organization.kind === "hospital");
  const [first] = own;
  return (
    <Routes>
      <Route element={<Shell items={own.map((page) => ({ to: page === first ? "/" : `/${page}`, label: t(`nav.${page}`), icon: pages[page].icon }))} />}>
        <Route index element={pages[first!].element} />
        {own.map((page) => <Route key={page} path={page} element={pages[page].element} />)}
        <Route path="*" element={<NotFound />} />
      </Route>
    </Routes>
  );
}
