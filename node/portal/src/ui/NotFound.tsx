import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Page } from "./Page";

export function NotFound() {
  const { t } = useTranslation();
  return <Page title={t("problem.notFound")} lead={t("problem.notFoundHint")}><Button component={Link} to="/" w="fit-content">{t("nav.home")}</Button></Page>;
}
