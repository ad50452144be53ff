import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId, useSession } from "../session/session";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { canConfirm, nextToConfirm } from "./confirmation";
import { ConsentCard } from "./PermissionsPage";
import { unconfirmedQuery } from "./queries";
import { GrantWords } from "./ScopeFacts";
import { SignDialog } from "./SignDialog";
import { useSigning } from "./signing";
import { useWords } from "./words";

/**
 * What others permitted in the patient's name and only a confirmation keeps: by the patient, who came of age, say, or whose helper's
 * power ends; or by a second guardian, where two must permit together.
 */
export function ConfirmPage() {
  const { t } = useTranslation();
  const words = useWords();
  const { delegateId } = useSession();
  const unconfirmed = useQuery(unconfirmedQuery(usePatientId()));
  const [confirming, setConfirming] = useState<Schemas["Consent"][] | null>(null);
  const permits = unconfirmed.data ?? [];
  const next = nextToConfirm(permits);
  const all = next.length > 1 && (
    <Button leftSection={<CircleCheck size={18} aria-hidden />} onClick={() => setConfirming(next)}>
      {t(next.length < permits.length ? "confirm.first" : "confirm.all", { count: next.length })}
    </Button>
  );
  return (
    <Page title={t("confirm.title")} lead={t(delegateId ? "confirm.leadGuardian" : "confirm.lead")} actions={all}>
      {unconfirmed.isPending && <Waiting />}
      {unconfirmed.isError && <Problem error={unconfirmed.error} retry={() => void unconfirmed.refetch()} />}
      {unconfirmed.data && permits.length === 0 && <Empty icon={<ShieldCheck />}>{t("confirm.none")}</Empty>}
      {permits.length > 0 && (
        <Stack gap="sm">
          {permits.map(({ consent, lapsesAt }) => (
            <ConsentCard key={consent.id} consent={consent}>
              {lapsesAt && <Text size="sm">{t("confirm.until", { time: words.time(lapsesAt) })}</Text>}
              {canConfirm(consent) && <Group><Button variant="light" size="sm" onClick={() => setConfirming([consent])}>{t("confirm.one")}</Button></Group>}
            </ConsentCard>
          ))}
        </Stack>
      )}
      {confirming && <ConfirmDialog key={confirming[0]!.id} consents={confirming} onClose={() => setConfirming(null)} />}
    </Page>
  );
}

function ConfirmDialog({ consents, onClose }: { consents: Schemas["Consent"][]; onClose(): void }) {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const { delegateId } = useSession();
  const { phase, act } = useSigning("confirm", () => ({ statements: consents.map(({ id }) => id) }), (signed) => bodyOf(api.POST(
    "/api/v1/patients/{patientId}/consents/confirmations", { params: { path: { patientId } }, body: signed })));
  return (
    <SignDialog opened onClose={onClose} title={t("confirm.one")} phase={phase} error={act.error} action={t("confirm.sign")} onSign={() => act.mutate()}
      done={act.data && t("confirm.done", { count: act.data.consents.length })}>
      {consents.map((consent) => <GrantWords key={consent.id} consent={consent} />)}
      <Text>{t(delegateId ? "confirm.textGuardian" : "confirm.text", { count: consents.length })}</Text>
    </SignDialog>
  );
}
