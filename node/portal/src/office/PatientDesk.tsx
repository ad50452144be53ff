import { Alert, Button, Card, Stack, TextInput, Title } from "@mantine/core";
import { IdCard } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf } from "../api/client";
import { withStepUp } from "../session/session";
import { Problem } from "../ui/Problem";

/** At the desk: the patient whom a number of this hospital belongs to, enrolled now where that was not done. */
export function PatientDesk() {
  const { t } = useTranslation("staff");
  const [number, setNumber] = useState("");
  const [authority, setAuthority] = useState("");
  const [patientId, setPatientId] = useState("");
  const enrol = useAction({
    mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/patients", { body: { number: number.trim(), authority: authority.trim(), patientId: patientId.trim() || null } }))),
  });
  return (
    <Card withBorder padding="lg" component="section" maw="40rem">
      <form onSubmit={(event) => {
        event.preventDefault();
        if (number.trim()) enrol.mutate();
      }}>
        <Stack>
          <Title order={2} size="h4">{t("desk.title")}</Title>
          <TextInput label={t("desk.number")} value={number} maxLength={64} onChange={(event) => setNumber(event.currentTarget.value)} autoComplete="off" required withAsterisk={false} />
          <TextInput label={t("find.authority")} description={t("find.authorityHint")} value={authority} maxLength={64} onChange={(event) => setAuthority(event.currentTarget.value)} autoComplete="off" />
          <TextInput label={t("desk.join")} description={t("desk.joinHint")} value={patientId} onChange={(event) => setPatientId(event.currentTarget.value)} autoComplete="off" />
          {enrol.isError && <Problem error={enrol.error} />}
          {enrol.data && <Alert color="green" role="status" icon={<IdCard aria-hidden />}>{t("desk.done")} <span className="hs-mono">{enrol.data.patientId}</span></Alert>}
          <Button type="submit" w="fit-content" loading={enrol.isPending}>{t("desk.go")}</Button>
        </Stack>
      </form>
    </Card>
  );
}
