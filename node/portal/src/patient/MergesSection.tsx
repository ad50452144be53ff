import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDisclosure } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { Facts } from "../ui/Facts";
import { Problem } from "../ui/Problem";
import { endedWords } from "./ended";
import { effectOf, otherOf } from "./merges";
import { mergesQuery } from "./queries";
import { SignDialog } from "./SignDialog";
import { useSigning } from "./signing";
import { useWords } from "./words";

/** Other entries that hospitals say are this patient, too, each with the patient's word against it; nothing where there are none. */
export function MergesSection() {
  const { t } = useTranslation();
  const merges = useQuery(mergesQuery(usePatientId()));
  if (merges.isError) return <Problem error={merges.error} retry={() => void merges.refetch()} />;
  if (!merges.data || merges.data.length === 0) return null;
  return (
    <Stack gap="sm" component="section" aria-labelledby="merges">
      <div><Title order={2} size="h4" mt="md" id="merges">{t("merges.title")}</Title><Text size="sm" c="var(--hs-muted)">{t("merges.lead")}</Text></div>
      {merges.data.map((merge) => <MergeCard key={merge.mergeId} merge={merge} />)}
    </Stack>
  );
}

function MergeCard({ merge }: { merge: Schemas["PatientMerge"] }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const [open, dialog] = useDisclosure(false);
  const { phase, act } = useSigning("revoke", () => ({ statement: merge.mergeId }), (signed) => bodyOf(api.POST(
    "/api/v1/patients/{patientId}/consents/{statementId}/revocation", { params: { path: { patientId, statementId: merge.mergeId } }, body: signed })));
  const effect = effectOf(merge, patientId);
  return (
    <Card withBorder padding="lg" component="article" id={merge.mergeId} tabIndex={-1}>
      <Group justify="space-between" gap="xs" align="flex-start">
        <Title order={3} size="h5" flex="1 1 14rem">{t("merges.said", { members: words.list(merge.saidBy.map(words.member)) })}</Title>
        <Badge variant="light" color={effect === "stopped" ? "gray" : "yellow"}>{t(`merges.${effect === "here" || effect === "there" ? "counts" : effect}`)}</Badge>
      </Group>
      <Facts entries={[
        [t("merges.other"), <span className="hs-mono" key="id">{otherOf(merge, patientId)}</span>],
        [t("merges.effect"), t(`merges.${effect}Text`)],
        merge.completeAt && [t("scope.begins"), words.time(merge.completeAt)],
        merge.objectedBy && [t("merges.objectedBy"), words.member(merge.objectedBy)],
      ]} />
      {effect !== "stopped" && <Button mt="sm" size="sm" w="fit-content" variant="light" color="red" onClick={dialog.open}>{t("merges.stop")}</Button>}
      <SignDialog opened={open} onClose={dialog.close} title={t("merges.stop")} action={t("permissions.endSign")} danger phase={phase} error={act.error} onSign={() => act.mutate()}
        done={act.data && endedWords(act.data.committedBy, t, words)}>
        <Text>{t("merges.stopText")}</Text>
      </SignDialog>
    </Card>
  );
}
