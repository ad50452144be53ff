import { Alert, Button, Card, Checkbox, Group, Select, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderSearch, Siren } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { useSession, withStepUp } from "../session/session";
import { Facts } from "../ui/Facts";
import { useMemberName } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { askedQuery, knownRecordsQuery, requestQuery } from "./queries";

const purposes = ["TREAT", "COC", "PATRQT", "HRESCH"] as const;
/** Most records of one request. */
const most = 1000, shownAtFirst = 100;
const keyOf = (record: Schemas["PatientRecord"]) => `${record.custodian}/${record.recordId}`;

/** One patient: which records one may know of, and a request for them with its purpose. */
export function PatientPage() {
  const { t } = useTranslation("staff");
  const { patientId = "" } = useParams();
  const session = useSession();
  const member = useMemberName();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [purpose, setPurpose] = useState<string>("TREAT");
  const [choice, setChoice] = useState<ReadonlySet<string> | null>(null);
  const [shown, setShown] = useState(shownAtFirst);
  const patient = useQuery({
    queryKey: ["patient-entry", patientId],
    queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/patients/{patientId}", { params: { path: { patientId } }, signal })),
  });
  const records = useQuery({ ...knownRecordsQuery(patientId, purpose), enabled: patient.isSuccess });
  const sorted = useMemo(() => records.data?.toSorted((left, right) => right.date.localeCompare(left.date)) ?? [], [records.data]);
  const newest = useMemo(() => new Set(sorted.slice(0, most).map(keyOf)), [sorted]);
  const chosen = choice ?? newest;
  const picked = sorted.filter((record) => chosen.has(keyOf(record)));
  const asking = useAction({
    mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/access-requests", {
      params: { header: { "Idempotency-Key": crypto.randomUUID() } }, body: { patientId, purpose, recordIds: picked.map((record) => record.recordId) },
    }))),
    onSuccess(view) {
      client.setQueryData(requestQuery(view.id).queryKey, view);
      void client.invalidateQueries({ queryKey: askedQuery.queryKey });
      void navigate(`/requests/${view.id}`);
    },
  });
  const date = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
  return (
    <Page title={t("patient.title")} lead={<span className="hs-mono">{patientId}</span>} actions={session.role === "physician" && patient.isSuccess && (
      <Button component={Link} to={`/patients/${patientId}/emergency`} color="red" variant="light" leftSection={<Siren size={18} aria-hidden />}>{t("patient.breakGlass")}</Button>)}>
      {patient.isPending && <Waiting rows={2} />}
      {patient.isError && <Problem error={patient.error} retry={() => void patient.refetch()} />}
      {patient.data && (
        <>
          <Card withBorder padding="lg"><Facts entries={[
            [t("patient.knownAt"), patient.data.members.map((entry) => entry.name ?? member(entry.mspId)).join(", ")],
            [t("patient.since"), date.format(new Date(patient.data.enrolledAt))],
          ]} /></Card>
          {patient.data.erasedAt && <Alert color="yellow">{t("patient.erased")}</Alert>}
          <Card withBorder padding="lg" component="section">
            <Stack>
              <Title order={2} size="h4">{t("ask.title")}</Title>
              <Select label={t("ask.purpose")} value={purpose} allowDeselect={false} maw="22rem" onChange={(value) => {
                setPurpose(value ?? "TREAT");
                setChoice(null);
              }}
                data={purposes.map((code) => ({ value: code, label: t(`purpose.${code}`) }))} />
              {records.isPending && <Waiting rows={2} />}
              {records.isError && <Problem error={records.error} retry={() => void records.refetch()} />}
              {records.data?.length === 0 && <Empty icon={<FolderSearch />}>{t("ask.none")}</Empty>}
              {records.data && records.data.length > 0 && (
                <>
                  {sorted.length > 1 && <Group gap="xs">
                    <Button size="xs" variant="default" onClick={() => setChoice(null)}>{t(sorted.length > most ? "ask.newest" : "ask.all", { count: Math.min(most, sorted.length) })}</Button>
                    <Button size="xs" variant="default" onClick={() => setChoice(new Set())}>{t("ask.noneOf")}</Button>
                  </Group>}
                  <Stack gap="xs" role="group" aria-label={t("ask.records")}>
                    {sorted.slice(0, shown).map((record) => (
                      <Checkbox key={keyOf(record)} checked={chosen.has(keyOf(record))} label={t("ask.record", { member: member(record.custodian), date: date.format(new Date(record.date)) })}
                        description={[t("ask.bytes", { count: record.size }),
                          ...record.fates.map((fate) => t(`fate.${fate.relation as "replaces"}`, { date: date.format(new Date(fate.at)) }))].join(" · ")}
                        onChange={(event) => {
                          const next = new Set(chosen);
                          if (event.currentTarget.checked) next.add(keyOf(record));
                          else next.delete(keyOf(record));
                          setChoice(next);
                        }} />
                    ))}
                  </Stack>
                  {shown < sorted.length && <Button w="fit-content" variant="subtle" onClick={() => setShown(shown + shownAtFirst)}>{t("ask.more", { count: sorted.length - shown })}</Button>}
                  {picked.length > most && <Alert color="yellow">{t("ask.tooMany", { most })}</Alert>}
                  <Text size="sm" c="var(--hs-muted)">{t("ask.logged")}</Text>
                  {asking.isError && <Problem error={asking.error} />}
                  <Button w="fit-content" loading={asking.isPending} disabled={picked.length === 0 || picked.length > most} onClick={() => asking.mutate()}>{t("ask.go", { count: picked.length })}</Button>
                </>
              )}
            </Stack>
          </Card>
        </>
      )}
    </Page>
  );
}
