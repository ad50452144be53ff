import { Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Building2, Landmark } from "lucide-react";
import { useTranslation } from "react-i18next";
import { organizationsQuery } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Waiting } from "../ui/Waiting";
import { Facts } from "../ui/Facts";

/** Who shares the channel, and by which rules. */
export function MembersPage() {
  const { t } = useTranslation("staff");
  const members = useQuery(organizationsQuery);
  return (
    <Page title={t("members.title")} lead={t("members.lead")}>
      {members.isPending && <Waiting />}
      {members.isError && <Problem error={members.error} retry={() => void members.refetch()} />}
      {members.data && (
        <>
          <div className="hs-cards">
            {members.data.organizations.map((member) => (
              <Card key={member.mspId} withBorder padding="lg" component="article">
                <Stack gap="sm">
                  <Group wrap="nowrap" align="flex-start">
                    <span className="hs-icon">{member.kind === "regulator" ? <Landmark size={20} aria-hidden /> : <Building2 size={20} aria-hidden />}</span>
                    <div>
                      <Title order={2} size="h4">{member.name}</Title>
                      <Text size="sm" c="var(--hs-muted)">{member.mspId}</Text>
                    </div>
                  </Group>
                  <Group gap="xs">
                    <Badge variant="light">{t(`members.${member.kind}`)}</Badge>
                    {member.suspendedAt ? <Badge color="red.9">{t("members.suspended")}</Badge> : <Badge color="green" variant="light">{t("members.active")}</Badge>}
                  </Group>
                  <Facts entries={[[t("members.key"), <span className="hs-mono" key="key">{member.sealingKeyId}</span>]]} />
                </Stack>
              </Card>
            ))}
          </div>
          {members.data.settings && (
            <Card withBorder padding="lg" component="section">
              <Title order={2} size="h4" mb="sm">{t("members.rules", { channel: members.data.channel })}</Title>
              <Facts entries={[
                [t("members.permitMaxAge"), t("members.minutes", { count: members.data.settings.permitMaxAgeSeconds / 60 })],
                [t("members.broadWait"), t("members.hours", { count: members.data.settings.broadPermitWaitHours })],
                [t("members.broadDays"), t("members.days", { count: members.data.settings.broadPermitDays })],
                [t("members.emergencyHours"), t("members.hours", { count: members.data.settings.maxEmergencyHours })],
                [t("members.reviewHours"), t("members.hours", { count: members.data.settings.reviewDueHours })],
                [t("members.maxStatements"), members.data.settings.maxStatementsInForce],
              ]} />
            </Card>
          )}
        </>
      )}
    </Page>
  );
}
