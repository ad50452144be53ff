import { Button, List, Paper, Stack, Text, Title } from "@mantine/core";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Welcome } from "./Welcome";

/** What to do for somebody who lost a passkey. Nothing can be done here: whoever could, could do it to somebody else. */
export function LostPage() {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t("lost.title")} · ${t("app.name")}`;
  }, [t]);
  return (
    <Welcome>
      <Title order={1}>{t("lost.title")}</Title>
      <Text size="lg" c="var(--hs-muted)">{t("lost.lead")}</Text>
      <Paper withBorder p="lg" shadow="sm">
        <Stack>
          <Title order={2} size="h4">{t("lost.patients")}</Title>
          <List type="ordered" spacing="sm">
            <List.Item>{t("lost.other")}</List.Item><List.Item>{t("lost.desk")}</List.Item><List.Item>{t("lost.second")}</List.Item>
            <List.Item>{t("lost.wait")}</List.Item><List.Item>{t("lost.end")}</List.Item>
          </List>
          <Title order={2} size="h4">{t("lost.staff")}</Title>
          <Text>{t("lost.staffText")}</Text>
          <Button component={Link} to="/" variant="default" w="fit-content">{t("lost.back")}</Button>
        </Stack>
      </Paper>
    </Welcome>
  );
}
