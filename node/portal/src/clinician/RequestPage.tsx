import { Alert, Badge, Card, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { FileLock2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useMemberName } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { RecordCard } from "./RecordCard";
import { requestQuery } from "./queries";
import { Trends } from "./Trends";

/** What a request of one's own permits now. */
export function RequestPage() {
  const { t } = useTranslation("staff");
  const { id = "" } = useParams();
  const member = useMemberName();
  const request = useQuery(requestQuery(id));
  const pending = request.data?.records.filter((record) => record.status === "pending").length ?? 0;
  const failed = request.data?.records.filter((record) => record.status === "failed").length ?? 0;
  const ready = request.data?.records.filter((record) => record.status === "ready") ?? [];
  return (
    <Page title={t("request.title")} lead={request.data && <>{t(`purpose.${request.data.purpose as "TREAT"}`)} · <Link to={`/patients/${request.data.patientId}`} className="hs-mono">{request.data.patientId}</Link></>}>
      {request.isPending && <Waiting />}
      {request.isError && <Problem error={request.error} retry={() => void request.refetch()} />}
      {request.data?.partial && <Alert color="yellow">{t("request.partial")}</Alert>}
      {request.data?.records.length === 0 && <Empty icon={<FileLock2 />}>{t("request.none")}</Empty>}
      {pending > 0 && (
        <Card withBorder padding="md" role="status"><Group><Badge color="yellow" variant="light">{t("request.pending")}</Badge><Text size="sm">{t("request.pendingHint", { count: pending })}</Text></Group></Card>
      )}
      {failed > 0 && (
        <Card withBorder padding="md" role="status"><Group><Badge color="red" variant="light">{t("request.failed")}</Badge><Text size="sm">{t("request.failedHint", { count: failed })}</Text></Group></Card>
      )}
      <Stack>
        {ready.map((record) => <RecordCard key={`${record.custodian}/${record.recordId}`} requestId={id} record={record} member={member(record.custodian)} />)}
      </Stack>
      {ready.length > 1 && <Trends requestId={id} records={ready} />}
    </Page>
  );
}
