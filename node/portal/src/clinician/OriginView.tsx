import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Facts } from "../ui/Facts";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { originQuery } from "./queries";

const times = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const nameOf = (source: Schemas["MessageSource"] | null | undefined) => source && [source.name, source.universalId].filter(Boolean).join(" · ");

/** Where a record comes from: what its message says of its sender, and how it came to the hospital that holds it. */
export function OriginView({ requestId, record }: { requestId: string; record: Schemas["AccessibleRecord"] }) {
  const { t } = useTranslation("staff");
  const origin = useQuery(originQuery(requestId, record.recordId, record.custodian));
  if (origin.isPending) return <Waiting rows={1} />;
  if (origin.isError) return <Problem error={origin.error} retry={() => void origin.refetch()} />;
  if (!origin.data) return <Text size="sm" role="status">{t("origin.waiting")}</Text>;
  return (
    <Stack gap="sm">
      <Facts entries={[
        [t("origin.record"), <span className="hs-mono" key="record">{record.recordId}</span>],
        [t("origin.application"), nameOf(origin.data.sendingApplication)], [t("origin.facility"), nameOf(origin.data.sendingFacility)],
        [t("origin.sent"), origin.data.sentAt], [t("origin.type"), origin.data.messageType], [t("origin.control"), origin.data.controlId],
        origin.data.receivedAt && [t("origin.received"), times.format(new Date(origin.data.receivedAt))], [t("origin.door"), origin.data.door],
      ]} />
      <Text size="sm" c="var(--hs-muted)">{t("origin.logged")}</Text>
    </Stack>
  );
}
