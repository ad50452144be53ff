import { Alert, Button, Card, Group, Radio, SegmentedControl, Select, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { CalendarClock, CircleCheck, Fingerprint, FlaskConical, ShieldBan, SlidersHorizontal, Stethoscope, type LucideIcon } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { api, bodyOf as answerOf, type Schemas } from "../api/client";
import { usePatientId, useSession } from "../session/session";
import type { GrantBody } from "../signing/statement";
import { organizationsQuery } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import type { Act } from "./appointment";
import { bodyOf, isBroad, isForEmergencies, presets, type Draft, type Preset } from "./draft";
import { FineDetail } from "./FineDetail";
import { GrantPreview } from "./GrantPreview";
import { codeBookQuery } from "./queries";
import { ScopeFacts, useGrantTitle } from "./ScopeFacts";
import { SecondSignaturePanel } from "./SecondSignaturePanel";
import { useSigning } from "./signing";
import { useWords } from "./words";
import classes from "./GrantPage.module.css";

const icons: Record<Preset, LucideIcon> = { familyDoctor: Stethoscope, laboratory: FlaskConical, treatment: CalendarClock, block: ShieldBan, custom: SlidersHorizontal };
const broadDays = 90, broadHours = 24; // as long as the channel's own are not known

/** Lets somebody read, or forbids it: by a preset first, in every detail on demand, with a preview of what it comes to. */
export function GrantPage({ acts = ["permit", "deny"] }: { acts?: readonly Act[] }) {
  const { t } = useTranslation();
  const offered = (Object.keys(presets) as Preset[]).filter((preset) => acts.includes(preset === "custom" ? "permit" : presets[preset].effect));
  const [draft, setDraft] = useState<Draft | null>(null);
  const [granted, setGranted] = useState<Schemas["Consent"] | null>(null);
  if (granted) return <Granted consent={granted} />;
  return (
    <Page title={t("grant.title")} lead={t("grant.lead")}>
      <section aria-labelledby="preset">
        <Title order={2} size="h4" id="preset" mb="sm">{t("grant.choose")}</Title>
        <Radio.Group value={draft?.preset ?? ""} onChange={(preset) => setDraft({ ...presets[preset as Preset], org: draft?.org ?? null })} aria-labelledby="preset">
          <div className="hs-wide-cards">
            {offered.map((preset) => {
              const Icon = icons[preset];
              return (
                <Radio.Card key={preset} value={preset} className={classes.preset} aria-label={t(`preset.${preset}.title`)}>
                  <Group wrap="nowrap" align="flex-start">
                    <span className="hs-icon" aria-hidden><Icon size={20} /></span>
                    <div className={classes.presetText}><Text fw={650}>{t(`preset.${preset}.title`)}</Text><Text size="sm" c="var(--hs-muted)">{t(`preset.${preset}.text`)}</Text></div>
                    <Radio.Indicator />
                  </Group>
                </Radio.Card>
              );
            })}
          </div>
        </Radio.Group>
      </section>
      {draft && <Choose draft={draft} change={setDraft} onGranted={setGranted} />}
    </Page>
  );
}

function Choose({ draft, change, onGranted }: { draft: Draft; change(draft: Draft): void; onGranted(consent: Schemas["Consent"]): void }) {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const { delegateId } = useSession(); // who acts for a patient sees no preview: it shows what is confidential, too
  const title = useGrantTitle();
  const { data: book } = useSuspenseQuery(codeBookQuery(patientId));
  const members = useQuery(organizationsQuery);
  const [fine, setFine] = useState(draft.preset === "custom");
  const hospitals = members.data?.organizations.filter((member) => member.kind === "hospital") ?? [];
  const body = useQuery({
    queryKey: ["draft", patientId, draft], enabled: !!book, gcTime: 0, structuralSharing: false,
    queryFn: () => bodyOf(draft, book!.tokens, new Date()),
  }).data;
  const { phase, act } = useSigning(
    "grant", async () => (await bodyOf(draft, book!.tokens, new Date()))!, // anew: a permit's time is when it is signed
    (signed) => answerOf(api.POST("/api/v1/patients/{patientId}/consents", { params: { path: { patientId } }, body: signed })));
  if (!book) return <Alert color="yellow" title={t("grant.noKey")}>{t("grant.noKeyHint")}</Alert>;
  const settings = members.data?.settings;
  const broad = !!body && isBroad(body, settings?.broadPermitDays ?? broadDays);
  return (
    <>
      <Card withBorder padding="lg" component="section" aria-labelledby="who">
        <Stack>
          <Title order={2} size="h4" id="who">{t(draft.effect === "deny" ? "grant.whoNot" : "grant.who")}</Title>
          <Select
            label={t("grant.hospital")} placeholder={t("grant.pick")} value={draft.org} allowDeselect={false} maw="24rem"
            data={[...hospitals.map((member) => ({ value: member.mspId, label: member.name })), { value: "any", label: t("reader.anyHospital") }]}
            onChange={(org) => change({ ...draft, org })}
          />
          {draft.org && draft.org !== "any" && (
            <div>
              <Text size="sm" fw={500} mb={4} id="role">{t("grant.role")}</Text>
              <SegmentedControl aria-labelledby="role" value={isForEmergencies(draft) ? "any" : draft.role} disabled={isForEmergencies(draft)} onChange={(role) => change({ ...draft, role: role as Draft["role"] })}
                data={[{ value: "physician", label: t("reader.physician") }, { value: "nurse", label: t("reader.nurse") }, { value: "any", label: t("reader.everyone") }]} />
              {isForEmergencies(draft) && !fine && <Text size="sm" mt={4}>{t("fine.neverWhole")}</Text>}
            </div>
          )}
          <UnstyledButton className={classes.fine} aria-expanded={fine} onClick={() => setFine(!fine)}>
            <SlidersHorizontal size={18} aria-hidden /> {fine ? t("grant.lessDetail") : t("grant.moreDetail")}
          </UnstyledButton>
          {fine && <FineDetail draft={draft} change={change} hospitals={hospitals} />}
        </Stack>
      </Card>
      {body && (
        <>
          {!delegateId && <GrantPreview body={body} />}
          <Card withBorder padding="lg" component="section" aria-labelledby="sign" className={classes.sign}>
            <Stack>
              <Title order={2} size="h4" id="sign">{t("grant.signTitle")}</Title>
              <Text fw={600}>{title(body)}</Text>
              <ScopeFacts body={body} />
              {broad && <Alert color="yellow" icon={<CalendarClock aria-hidden />} title={t("grant.broad")}>{t("grant.broadHint", { count: settings?.broadPermitWaitHours ?? broadHours })}</Alert>}
              {act.isError && <Problem error={act.error} />}
              <Group>
                <Button size="md" leftSection={<Fingerprint size={20} aria-hidden />} loading={phase !== "idle"}
                  onClick={() => act.mutate(undefined, { onSuccess: onGranted })}>{t("action.sign")}</Button>
                <Text size="sm" c="var(--hs-muted)" role="status">{phase === "idle" ? t("grant.signHint") : t(`state.${phase}`)}</Text>
              </Group>
            </Stack>
          </Card>
        </>
      )}
    </>
  );
}

function Granted({ consent }: { consent: Schemas["Consent"] }) {
  const { t } = useTranslation();
  const words = useWords();
  const { delegateId } = useSession();
  return (
    <Page title={t(consent.effect === "deny" ? "grant.doneDeny" : "grant.done")}>
      <Card withBorder padding="lg">
        <Stack>
          <Group role="status"><CircleCheck color="var(--mantine-color-green-filled)" aria-hidden />
            <Text>{consent.status === "waiting" && consent.effectiveFrom ? t("permissions.waitsUntil", { time: words.time(consent.effectiveFrom) }) : t("grant.inForce")}</Text>
          </Group>
          {!!consent.body && <ScopeFacts body={consent.body as GrantBody} consent={consent} />}
          {consent.status === "waiting" && !consent.delegate && <SecondSignaturePanel consent={consent} />}
          <Group><Button component={Link} to="/permissions">{t(delegateId ? "signed.title" : "grant.toList")}</Button><Button component={Link} to="/" variant="default">{t(delegateId ? "nav.records" : "nav.home")}</Button></Group>
        </Stack>
      </Card>
    </Page>
  );
}
