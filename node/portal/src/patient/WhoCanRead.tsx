import { Group, List, Stack, Text, ThemeIcon } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { organizationsQuery } from "../ui/members";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { readerRoles } from "./codes";
import { patientKey } from "./queries";
import { useWords } from "./words";

/** Asks the node's own decision for each hospital: who may read this record for treatment now, and why. */
export function WhoCanRead({ record }: { record: Schemas["PatientRecord"] }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const members = useQuery(organizationsQuery);
  const hospitals = members.data?.organizations.filter((member) => member.kind === "hospital") ?? [];
  const answers = useQuery({
    queryKey: [...patientKey(patientId), "explain", record.recordId, record.custodian],
    enabled: hospitals.length > 0,
    queryFn: ({ signal }) => Promise.all(hospitals.flatMap((member) => readerRoles.map(async (role) => ({
      member: member.mspId, role,
      answer: await bodyOf(api.GET("/api/v1/patients/{patientId}/consents/explain", {
        params: { path: { patientId }, query: { record: record.recordId, custodian: record.custodian, org: member.mspId, role } }, signal,
      })),
    })))),
  });
  if (answers.isPending) return <Waiting rows={1} />;
  if (answers.isError) return <Problem error={answers.error} retry={() => void answers.refetch()} />;
  return (
    <Stack gap="xs" mt="xs">
      <List spacing="xs" listStyleType="none" size="sm">
        {answers.data.map(({ member, role, answer }) => (
          <List.Item key={`${member}/${role}`}>
            <Group wrap="nowrap" gap="sm" align="flex-start">
              <ThemeIcon size={22} radius="xl" color={answer.permitted ? "green.9" : "gray.7"} aria-hidden>{answer.permitted ? <Check size={14} /> : <X size={14} />}</ThemeIcon>
              <div>
                <Text size="sm" fw={600}>{t(answer.permitted ? "reader.can" : "reader.cannot", { who: words.who({ org: member, role }) })}</Text>
                <Text size="xs" c="var(--hs-muted)">{reasonWords(answer.reason, t)}</Text>
              </div>
            </Group>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}

const reasons = [
  "permit.signed", "permit.attested", "permit.own_record", "permit.emergency", "deny.signed", "deny.attested", "deny.default", "deny.unreadable",
  "deny.emergency_never", "deny.suspended", "deny.erased",
] as const;

/** Why something was decided as it was. */
export function reasonWords(reason: string, t: ReturnType<typeof useTranslation>["t"]): string {
  const known = reasons.find((code) => code === reason);
  // By a plain signature: the key's type would be one of too many for the compiler.
  const say = t as unknown as (key: string) => string;
  return known ? say(`reason.${known.replace(".", "_")}`) : reason;
}
