import { Button, Card, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { Facts } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { acts as allActs, type OwnPower } from "./appointment";
import { ConfirmHint } from "./ConfirmHint";
import { ConsentCard, EndDialog } from "./PermissionsPage";
import { ownConsentsQuery } from "./queries";
import { useWords } from "./words";

/** What somebody signed in a patient's place, and may take back; and what the power to do so comes to. */
export function SignedPage({ power }: { power: OwnPower }) {
  const { t } = useTranslation();
  const words = useWords();
  const signed = useQuery(ownConsentsQuery(usePatientId()));
  const [ending, setEnding] = useState<Schemas["Consent"] | null>(null);
  const { acts, end } = power;
  const mayEnd = acts.includes("revoke");
  const add = (acts.includes("permit") || acts.includes("deny"))
    && <Button component={Link} to="/permissions/new" leftSection={<Plus size={18} aria-hidden />}>{t("permissions.new")}</Button>;
  return (
    <Page title={t("signed.title")} lead={t("signed.lead")} actions={add}>
      {power.isGuardian && <ConfirmHint />}
      <Card withBorder padding="lg" component="section" aria-labelledby="power">
        <Title order={2} size="h5" id="power">{t("signed.power")}</Title>
        <Facts entries={[
          [t("helpers.may"), words.list(allActs.filter((one) => acts.includes(one)).map((one) => t(`helpers.${one}`)))],
          end && [t("scope.until"), words.date(end)],
        ]} />
      </Card>
      {signed.isPending && <Waiting />}
      {signed.isError && <Problem error={signed.error} retry={() => void signed.refetch()} />}
      {signed.data?.length === 0 && <Empty icon={<ShieldCheck />}>{t("signed.none")}</Empty>}
      {signed.data && signed.data.length > 0 && (
        <Stack gap="sm">
          {!mayEnd && <Text size="sm" c="var(--hs-muted)">{t("signed.noEnding")}</Text>}
          {signed.data.map((consent) => <ConsentCard key={consent.id} consent={consent} onEnd={mayEnd ? () => setEnding(consent) : undefined} />)}
        </Stack>
      )}
      {ending && <EndDialog key={ending.id} consent={ending} onClose={() => setEnding(null)} />}
    </Page>
  );
}
