import { Alert, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { CircleAlert, Fingerprint } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAction } from "../api/action";
import { explain, Problem } from "../ui/Problem";
import { Welcome } from "./Welcome";
import { useSessionState } from "./session";
import { signIn } from "./session-api";

/** The door: one button, for patients and staff alike. */
export function SignInPage() {
  const { t } = useTranslation();
  const { begin, end, isOver } = useSessionState();
  const entry = useAction({ mutationFn: signIn, onSuccess: begin });
  useEffect(() => {
    document.title = t("app.name");
  }, [t]);
  return (
    <Welcome>
      {isOver && <Alert color="yellow" role="status">{t("signIn.expired")}</Alert>}
      {end.isError && (
        <Alert color="red" variant="light" icon={<CircleAlert aria-hidden />} title={t("signIn.notOut")} role="alert">
          <Stack gap="xs">
            <Text size="sm">{t("signIn.notOutHint")} {explain(end.error, t)}</Text>
            <Group><Button size="xs" variant="default" onClick={() => end.mutate()}>{t("action.signOut")}</Button></Group>
          </Stack>
        </Alert>
      )}
      <Title order={1}>{t("signIn.title")}</Title>
      <Text size="lg" c="var(--hs-muted)">{t("signIn.lead")}</Text>
      <Paper withBorder p="lg" shadow="sm">
        <Stack>
          <Button size="lg" leftSection={<Fingerprint size={22} aria-hidden />} loading={entry.isPending || end.isPending} onClick={() => entry.mutate()}>
            {t("signIn.button")}
          </Button>
          <Text size="sm" c="var(--hs-muted)" ta="center">{t("signIn.hint")}</Text>
          {entry.isError && <Problem error={entry.error} />}
        </Stack>
      </Paper>
      <Text size="sm" c="var(--hs-muted)">{t("signIn.noPasskey")} {t("signIn.staff")}</Text>
      <Text size="sm"><Link to="/lost">{t("lost.link")}</Link></Text>
      <Text size="xs" c="var(--hs-muted)">{t("signIn.at", { site: location.host })}</Text>
    </Welcome>
  );
}
