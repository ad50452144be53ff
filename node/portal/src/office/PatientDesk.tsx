import { Alert, Button, Card, Stack, Text, TextInput, Title } from "@mantine/core";
import { IdCard, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf } from "../api/client";
import { ApiError } from "../api/problem";
import { withStepUp } from "../session/session";
import { Problem } from "../ui/Problem";

/** At the desk: the patient whom a number of this hospital belongs to. Where it is nobody's yet, a new one is enrolled on a second word alone. */
export function PatientDesk() {
  const { t } = useTranslation("staff");
  const [number, setNumber] = useState("");
  const [authority, setAuthority] = useState("");
  const [patientId, setPatientId] = useState("");
  const asked = { number: number.trim(), authority: authority.trim(), patientId: patientId.trim() || null };
  const find = useAction({
    mutationFn: (onlyKnown: boolean) => withStepUp(async () => {
      const call = api.POST("/api/v1/patients", { body: { ...asked, onlyKnown } });
      return { patient: await bodyOf(call), isNew: (await call).response.status === 201 };
    }),
  });
  const isUnknown = find.error instanceof ApiError && find.error.code === "patient.number_unknown";
  // What was said about another number stands no longer.
  const type = (set: (text: string) => void) => (event: { currentTarget: { value: string } }) => {
    set(event.currentTarget.value);
    find.reset();
  };
  return (
    <Card withBorder padding="lg" component="section" maw="40rem">
      <form onSubmit={(event) => {
        event.preventDefault();
        if (asked.number) find.mutate(true);
      }}>
        <Stack>
          <Title order={2} size="h4">{t("desk.title")}</Title>
          <TextInput label={t("desk.number")} value={number} maxLength={64} onChange={type(setNumber)} disabled={find.isPending} autoComplete="off" required withAsterisk={false} />
          <TextInput label={t("find.authority")} description={t("find.authorityHint")} value={authority} maxLength={64} onChange={type(setAuthority)} disabled={find.isPending} autoComplete="off" />
          <TextInput label={t("desk.join")} description={t("desk.joinHint")} value={patientId} onChange={type(setPatientId)} disabled={find.isPending} autoComplete="off" />
          {isUnknown && (
            <Alert color="yellow" role="alert" icon={<UserPlus aria-hidden />} title={t("desk.unknown", { number: asked.number })}>
              <Stack gap="xs">
                {!asked.authority && <Text size="sm">{t("desk.unknownAuthority")}</Text>}
                <Text size="sm">{t("desk.unknownHint")}</Text>
                <Button variant="default" size="xs" w="fit-content" onClick={() => find.mutate(false)}>{t("desk.enrol")}</Button>
              </Stack>
            </Alert>
          )}
          {find.isError && !isUnknown && <Problem error={find.error} />}
          {find.data && (
            <Alert color="green" role="status" icon={<IdCard aria-hidden />}>
              {t(find.data.isNew ? "desk.enrolled" : "desk.found")} <span className="hs-mono">{find.data.patient.patientId}</span>
            </Alert>
          )}
          <Button type="submit" w="fit-content" loading={find.isPending}>{t(asked.patientId ? "desk.joinGo" : "desk.go")}</Button>
        </Stack>
      </form>
    </Card>
  );
}
