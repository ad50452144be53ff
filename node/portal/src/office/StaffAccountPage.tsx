import { useTranslation } from "react-i18next";
import { SessionList } from "../session/SessionList";
import { Page } from "../ui/Page";

export function StaffAccountPage() {
  const { t } = useTranslation("staff");
  return <Page title={t("account.title")} lead={t("account.lead")}><SessionList /></Page>;
}
