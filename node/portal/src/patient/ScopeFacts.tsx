import { Alert, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { usePatientId } from "../session/session";
import { isWhollyKnown } from "../signing/grant-in-words";
import type { GrantBody } from "../signing/statement";
import { Facts } from "../ui/Facts";
import { recordsQuery } from "./queries";
import { namesRecords, partsOf, readersOf, type Part } from "./scope";
import { useWords } from "./words";

type Consent = Schemas["Consent"];

/** Who may read by a permission, or may not by a refusal. */
export function useGrantTitle(): (body: GrantBody) => string {
  const { t } = useTranslation();
  const words = useWords();
  return (body) => t(body.effect === "deny" ? "permissions.mayNot" : "permissions.may", { who: words.list(readersOf(body, t, words)) });
}

/** What a grant says, part by part and name by name; and that it says more, where it does. */
export function ScopeFacts({ body, consent }: { body: GrantBody; consent?: Consent }) {
  const { t } = useTranslation();
  const words = useWords();
  const isKnown = isWhollyKnown(body);
  const records = useQuery({ ...recordsQuery(usePatientId()), enabled: isKnown && namesRecords(body.scope) }).data;
  const record = (id: string) => {
    const found = records?.find((entry) => entry.recordId === id);
    return found ? t("activity.record", { kind: words.list(found.categories.map(words.category)), date: words.date(found.date) }) : id;
  };
  if (!isKnown) return <Alert color="yellow" icon={<TriangleAlert aria-hidden />}>{t("scope.unknown")}</Alert>;
  const parts = partsOf(body, t, { ...words, record });
  const whole = [
    consent?.status === "scheduled" && [t("scope.begins"), words.date(body.period.start)],
    [t("scope.until"), body.period.end ? words.date(body.period.end) : t("scope.untilRevoked")],
    body.replaces && [t("scope.replaces"), t("scope.replacesText")],
    body.uses && [t("scope.uses"), t("scope.usesLeft", { left: consent?.usesLeft ?? body.uses, count: body.uses })],
    body.emergency === "never" && [t("scope.emergency"), t("scope.never")],
    consent?.attestedBy && [t("scope.attested"), t("scope.attestedReach", { member: words.member(consent.attestedBy) })],
    consent?.revokedAt && [t("scope.ended"), words.time(consent.revokedAt)],
  ].filter((fact) => !!fact) as [string, string][];
  if (parts.length === 1) return <PartFacts part={parts[0]!} more={whole} />;
  return (
    <Stack gap="sm">
      {parts.map((part, index) => (
        <div key={index}>
          <Text size="sm" fw={600}>{t("scope.part", { number: index + 1, count: parts.length })}</Text>
          <PartFacts part={part} />
        </div>
      ))}
      <Facts entries={whole} />
    </Stack>
  );
}

function PartFacts({ part, more = [] }: { part: Part; more?: Part["facts"] }) {
  const { t } = useTranslation();
  return (
    <Facts entries={[
      ...part.facts,
      part.except.length > 0 && [t("scope.except"), <Stack key="except" gap="xs">{part.except.map((exception, index) => <PartFacts key={index} part={exception} />)}</Stack>],
      ...more,
    ]} />
  );
}

/** A grant in words, for a dialog in which somebody signs about it. */
export function GrantWords({ consent }: { consent: Consent }) {
  const title = useGrantTitle();
  const body = consent.body as GrantBody | null | undefined;
  if (!body) return null;
  return (
    <Stack gap="xs" mb="sm">
      <Text fw={600}>{title(body)}</Text>
      <ScopeFacts body={body} consent={consent} />
    </Stack>
  );
}
