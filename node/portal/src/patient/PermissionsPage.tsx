import { Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Clock, Download, Plus, ShieldBan, ShieldCheck } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId, useSession } from "../session/session";
import type { GrantBody } from "../signing/statement";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { ConfirmHint } from "./ConfirmHint";
import { canEnd, endedWords, isOver } from "./ended";
import { linkedConsent, mustRead } from "./linked";
import { MergesSection } from "./MergesSection";
import { consentQuery, consentsQuery } from "./queries";
import { ReceiptButton } from "./ReceiptButton";
import { GrantWords, ScopeFacts, useGrantTitle } from "./ScopeFacts";
import { SecondSignaturePanel } from "./SecondSignaturePanel";
import { SignDialog } from "./SignDialog";
import { useSigning } from "./signing";
import { useWords } from "./words";

type Consent = Schemas["Consent"];

const colors: Record<Consent["status"], string> = { active: "green", scheduled: "blue", waiting: "yellow", usedUp: "gray", expired: "gray", lapsed: "orange", revoked: "gray" };

type Lapse = NonNullable<Consent["lapse"]>;

// Of several causes a patient needs to know no more than what to do about them.
const lapses = {
  erased: "erased", credentialRevoked: "passkey", credentialUnknown: "passkey", appointerRevoked: "passkey", delegateRevoked: "helper",
  delegateEnded: "helper", delegateNarrowed: "helper", signerObjected: "helper", signerNotVouched: "helper", notConfirmed: "confirm",
  unreadable: "other", notAccepted: "other", notVerified: "other",
} as const satisfies Record<Lapse, string>;

/** What the patient permitted and refused. */
export function PermissionsPage() {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const consents = useInfiniteQuery(consentsQuery(patientId));
  const all = consents.data?.pages.flatMap((page) => page.consents) ?? [];
  const linked = linkedConsent(useLocation().hash);
  const isElsewhere = mustRead(linked, consents.data && all);
  const single = useQuery({ ...consentQuery(patientId, linked ?? ""), enabled: isElsewhere });
  const isShown = linked !== null && !!consents.data && (!isElsewhere || !!single.data);
  useEffect(() => {
    if (!isShown) return undefined;
    // Once the frame has done with the new page, which begins at its top.
    const frame = requestAnimationFrame(() => {
      const card = document.getElementById(linked);
      card?.scrollIntoView({ block: "center" });
      card?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [linked, isShown]);
  // Kept here: the card that it was opened from changes its place, and its buttons, once the permission has ended.
  const [ending, setEnding] = useState<Consent | null>(null);
  const inForce = all.filter((consent) => !isOver(consent));
  const over = all.filter(isOver);
  const add = <Button component={Link} to="/permissions/new" leftSection={<Plus size={18} aria-hidden />}>{t("permissions.new")}</Button>;
  return (
    <Page title={t("permissions.title")} lead={t("permissions.lead")} actions={add}>
      <ConfirmHint />
      {consents.isPending && <Waiting />}
      {consents.isError && <Problem error={consents.error} retry={() => void consents.refetch()} />}
      {isElsewhere && single.isPending && <Waiting rows={1} />}
      {isElsewhere && single.isError && <Problem error={single.error} retry={() => void single.refetch()} />}
      {isElsewhere && single.data && <ConsentCard consent={single.data} isLinked onEnd={canEnd(single.data) ? () => setEnding(single.data) : undefined} />}
      {consents.data && inForce.length === 0 && <Empty icon={<ShieldCheck />}>{t("permissions.none")}</Empty>}
      {inForce.length > 0 && <Stack gap="sm">{inForce.map((consent) => <ConsentCard key={consent.id} consent={consent} isLinked={consent.id === linked} onEnd={() => setEnding(consent)} />)}</Stack>}
      {over.length > 0 && (
        <Stack gap="sm" component="section">
          <Title order={2} size="h4" mt="md">{t("permissions.over")}</Title>
          {over.map((consent) => <ConsentCard key={consent.id} consent={consent} isLinked={consent.id === linked} />)}
        </Stack>
      )}
      {consents.hasNextPage && <Button variant="default" w="fit-content" loading={consents.isFetchingNextPage} onClick={() => void consents.fetchNextPage()}>{t("action.showMore")}</Button>}
      {consents.data && <MergesSection />}
      {ending && <EndDialog key={ending.id} consent={ending} onClose={() => setEnding(null)} />}
    </Page>
  );
}

interface ConsentCardProps {
  consent: Consent;
  /** True where a link led to it: it is marked. */
  isLinked?: boolean;
  onEnd?: (() => void) | undefined;
  children?: ReactNode;
}

/** One permission or refusal; with a button to end it where that is given, and whatever else belongs to it where it is shown. */
export function ConsentCard({ consent, isLinked = false, onEnd, children }: ConsentCardProps) {
  const { t } = useTranslation();
  const words = useWords();
  const { delegateId } = useSession();
  const body = consent.body as GrantBody | null | undefined;
  const isDeny = consent.effect === "deny";
  const title = useGrantTitle();
  return (
    <Card id={consent.id} tabIndex={-1} aria-current={isLinked || undefined} className={isLinked ? "hs-linked" : ""}
      withBorder padding="lg" component="article" opacity={isOver(consent) ? 0.85 : 1}>
      <Group align="flex-start" wrap="nowrap" gap="md">
        <span className="hs-icon" aria-hidden>{isDeny ? <ShieldBan size={20} /> : consent.status === "waiting" ? <Clock size={20} /> : <ShieldCheck size={20} />}</span>
        <Stack gap="sm" flex={1} miw={0}>
          <Group justify="space-between" gap="xs" align="flex-start">
            <Title order={3} size="h5" flex="1 1 14rem">
              {body ? title(body) : t("permissions.unknown")}
            </Title>
            <Badge color={colors[consent.status]} variant="light">{t(`status.${consent.status}`)}</Badge>
          </Group>
          {body && <ScopeFacts body={body} consent={consent} />}
          {consent.status === "waiting" && (
            <Text size="sm">{consent.effectiveFrom ? t("permissions.waitsUntil", { time: words.time(consent.effectiveFrom) }) : t("permissions.waits")}</Text>
          )}
          {consent.status === "waiting" && onEnd && !consent.delegate && <SecondSignaturePanel consent={consent} />}
          {consent.lapse && <Text size="sm">{t(`lapse.${lapses[consent.lapse]}`)}</Text>}
          {children}
          <Group gap="sm">
            {canEnd(consent) && onEnd && <Button variant="light" color="red" size="sm" onClick={onEnd}>{t(isDeny ? "permissions.lift" : "permissions.end")}</Button>}
            {consent.statement && !delegateId && <ReceiptButton id={consent.id} icon={<Download size={16} aria-hidden />} />}
          </Group>
        </Stack>
      </Group>
    </Card>
  );
}

/** Ends a permission or lifts a refusal by a signature. */
export function EndDialog({ consent, onClose }: { consent: Consent; onClose(): void }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const { phase, act } = useSigning("revoke", () => ({ statement: consent.id }), (signed) => bodyOf(api.POST(
    "/api/v1/patients/{patientId}/consents/{statementId}/revocation", { params: { path: { patientId, statementId: consent.id } }, body: signed })));
  return (
      <SignDialog
        opened onClose={onClose} title={t(consent.effect === "deny" ? "permissions.lift" : "permissions.end")} danger phase={phase} error={act.error}
        action={t("permissions.endSign")} onSign={() => act.mutate()}
        done={act.data && endedWords(act.data.committedBy, t, words)}
      >
        <GrantWords consent={consent} />
        <Text>{t(consent.effect === "deny" ? "permissions.liftText" : "permissions.endText")}</Text>
        {consent.attestedBy && <Text mt="xs">{t("permissions.endAttested", { member: words.member(consent.attestedBy) })}</Text>}
      </SignDialog>
  );
}
