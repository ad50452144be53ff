import { Alert, Button, Card, Checkbox, Group, List, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { CircleCheck, Fingerprint } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { api, bodyOf } from "../api/client";
import { usePatientId } from "../session/session";
import { readAppointment, type Appointee } from "../signing/appointment-link";
import { Facts } from "../ui/Facts";
import { organizationsQuery } from "../ui/members";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { acts, appointmentOf, endsFrom, isWhole, narrowest, type Act, type Power } from "./appointment";
import { categories, labels, purposes, type Category, type Label } from "./codes";
import { codeBookQuery } from "./queries";
import { useSigning } from "./signing";
import { useWords } from "./words";

/** Appoints a person who signs in the patient's place: by the link that the person shows, within limits, until a month's end. */
export function AppointPage() {
  const { t } = useTranslation();
  const code = useLocation().hash.slice(1);
  const [who, setWho] = useState<Appointee | null>(() => readAppointment(code, location.origin));
  return (
    <Page title={t("appoint.title")} lead={t("appoint.lead")}>
      {who ? <Choose who={who} /> : <FindAppointee first={code} onFound={setWho} />}
    </Page>
  );
}

function FindAppointee({ first, onFound }: { first: string; onFound(who: Appointee): void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(first);
  const found = readAppointment(text, location.origin);
  const wrong = text.trim() !== "" && !found;
  return (
    <Card withBorder padding="lg" component="section" maw="44rem">
      <form onSubmit={(event) => {
        event.preventDefault();
        if (found) onFound(found);
      }}>
        <Stack>
          <Title order={2} size="h4">{t("appoint.how")}</Title>
          <List type="ordered" spacing="xs"><List.Item>{t("appoint.step1")}</List.Item><List.Item>{t("appoint.step2")}</List.Item><List.Item>{t("appoint.step3")}</List.Item></List>
          <TextInput label={t("appoint.link")} value={text} error={wrong && t("appoint.wrong")} onChange={(event) => setText(event.currentTarget.value)} autoComplete="off" required withAsterisk={false} />
          <Button type="submit" w="fit-content">{t("appoint.next")}</Button>
        </Stack>
      </form>
    </Card>
  );
}

function Choose({ who }: { who: Appointee }) {
  const { t } = useTranslation();
  const words = useWords();
  const patientId = usePatientId();
  const { data: book } = useSuspenseQuery(codeBookQuery(patientId));
  const members = useQuery(organizationsQuery);
  const [ends] = useState(() => endsFrom(new Date()));
  const [power, setPower] = useState<Power>(() => narrowest(ends));
  const change = (part: Partial<Power>) => setPower({ ...power, ...part });
  const { phase, act } = useSigning("appointDelegate",
    async () => (await appointmentOf(who, power, { rpId: location.hostname, origin: location.origin }, book!.tokens))!,
    (signed) => bodyOf(api.POST("/api/v1/patients/{patientId}/delegates", { params: { path: { patientId } }, body: signed })));
  if (!book) return <Alert color="yellow" title={t("grant.noKey")}>{t("grant.noKeyHint")}</Alert>;
  if (act.isSuccess) {
    return (
      <Card withBorder padding="lg">
        <Stack>
          <Group role="status" wrap="nowrap"><CircleCheck color="var(--mantine-color-green-filled)" aria-hidden /><Text>{t("appoint.done", { date: words.date(power.end) })}</Text></Group>
          <Group><Button component={Link} to="/helpers">{t("appoint.toList")}</Button></Group>
        </Stack>
      </Card>
    );
  }
  const hospitals = members.data?.organizations.filter((member) => member.kind === "hospital") ?? [];
  const permits = power.acts.includes("permit");
  return (
    <>
      <Card withBorder padding="lg" component="section" aria-labelledby="may">
        <Stack gap="lg">
          <Title order={2} size="h4" id="may">{t("appoint.may")}</Title>
          <Checkbox.Group label={t("helpers.may")} value={power.acts} onChange={(picked) => change({ acts: picked as Act[] })}>
            <Group gap="md" mt="xs">{acts.map((one) => <Checkbox key={one} value={one} label={t(`helpers.${one}`)} />)}</Group>
          </Checkbox.Group>
          {permits && (
            <>
              <Select label={t("appoint.org")} allowDeselect={false} maw="24rem" placeholder={t("grant.pick")} value={power.org} onChange={(org) => change({ org })}
                data={[...hospitals.map((member) => ({ value: member.mspId, label: member.name })), { value: "any", label: t("reader.anyHospital") }]} />
              <Checkbox.Group label={t("appoint.kinds")} value={power.categories ?? [...categories]} onChange={(picked) => change({ categories: picked as Category[] })}>
                <Group gap="md" mt="xs">{categories.map((one) => <Checkbox key={one} value={one} label={t(`category.${one}`)} disabled={power.categories === null} />)}</Group>
              </Checkbox.Group>
              <Checkbox label={t("appoint.allKinds")} checked={power.categories === null} onChange={(event) => change({ categories: event.currentTarget.checked ? null : [] })} />
              <Checkbox.Group label={t("appoint.sensitive")} description={t("appoint.sensitiveHint")} value={power.labels} onChange={(picked) => change({ labels: picked as Label[] })}>
                <Group gap="md" mt="xs">{labels.map((one) => <Checkbox key={one} value={one} label={t(`label.${one}`)} />)}</Group>
              </Checkbox.Group>
              <Checkbox.Group label={t("appoint.purposes")} value={power.purposes ?? [...purposes]} onChange={(picked) => change({ purposes: picked })}>
                <Group gap="md" mt="xs">{purposes.map((one) => <Checkbox key={one} value={one} label={t(`purpose.${one}`)} disabled={power.purposes === null} />)}</Group>
              </Checkbox.Group>
              <Checkbox label={t("appoint.allPurposes")} checked={power.purposes === null} onChange={(event) => change({ purposes: event.currentTarget.checked ? null : ["TREAT"] })} />
            </>
          )}
          <Select label={t("appoint.end")} description={t("appoint.endHint")} allowDeselect={false} maw="24rem" value={power.end} onChange={(end) => change({ end: end! })}
            data={ends.map((end) => ({ value: end, label: words.date(end) }))} />
        </Stack>
      </Card>
      <Card withBorder padding="lg" component="section" aria-labelledby="sign">
        <Stack>
          <Title order={2} size="h4" id="sign">{t("grant.signTitle")}</Title>
          <Text>{t("appoint.comesTo")}</Text>
          <Facts entries={[
            [t("helpers.id"), <span className="hs-mono" key="id">{who.delegate}</span>],
            [t("helpers.may"), words.list(acts.filter((one) => power.acts.includes(one)).map((one) => t(`helpers.${one}`)))],
            permits && power.org !== null && [t("appoint.org"), power.org === "any" ? t("reader.anyHospital") : words.member(power.org)],
            permits && power.categories?.length !== 0 && [t("scope.what"), power.categories === null ? t("scope.everything") : words.list(power.categories.map((one) => t(`category.${one}`)))],
            permits && [t("scope.sensitive"), power.labels.length === 0 ? t("scope.noSensitive") : words.list(power.labels.map((one) => t(`label.${one}`)))],
            permits && power.purposes?.length !== 0 && [t("scope.why"), power.purposes === null ? t("scope.anyPurpose") : words.list(power.purposes.map(words.purpose))],
            [t("scope.until"), words.date(power.end)],
          ]} />
          <Alert color="yellow">{t("appoint.checkWho")}</Alert>
          {!isWhole(power) && <Text size="sm" role="status">{t("appoint.nothing")}</Text>}
          {act.isError && <Problem error={act.error} />}
          <Group>
            <Button size="md" leftSection={<Fingerprint size={20} aria-hidden />} disabled={!isWhole(power)} loading={phase !== "idle"} onClick={() => act.mutate()}>{t("action.sign")}</Button>
            <Text size="sm" c="var(--hs-muted)" role="status">{phase === "idle" ? t("grant.signHint") : t(`state.${phase}`)}</Text>
          </Group>
        </Stack>
      </Card>
    </>
  );
}
