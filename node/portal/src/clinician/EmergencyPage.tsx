import { Alert, Button, Card, Checkbox, Group, Radio, Stack, Text, Textarea, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { CircleCheck, KeyRound, Siren, TriangleAlert, UserRoundCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { ApiError } from "../api/problem";
import { useSession, withStepUp } from "../session/session";
import { toBase64Url } from "../signing/base64url";
import { PasskeyError } from "../signing/passkey";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { declare, reasonCodes, signDeclaration, type Declaration, type ReasonCode } from "./emergency";
import { askedQuery, requestQuery } from "./queries";

const shortest = 10, longest = 2000;

/** Breaks the glass: a reason, one's own key, and a colleague's. */
export function EmergencyPage() {
  const { t } = useTranslation("staff");
  const { patientId = "" } = useParams();
  const session = useSession();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [code, setCode] = useState<ReasonCode | "">("");
  const [reason, setReason] = useState("");
  const [understood, setUnderstood] = useState(false);
  const [mine, setMine] = useState<{ declaration: Declaration; first: Schemas["SignedAssertion"] } | null>(null);
  // Kept where nobody knows whether the declaration arrived: the same once more has no second effect, another signature would be refused.
  const [theirs, setTheirs] = useState<Schemas["SignedAssertion"] | null>(null);
  const words = reason.trim();
  const complete = code !== "" && words.length >= shortest && words.length <= longest && understood;

  const first = useAction({
    mutationFn: async () => {
      const declaration = await declare(session.channel, patientId, session.organization.mspId, session.role, code as ReasonCode, words);
      return { declaration, first: await signDeclaration(declaration, [session.credentialId]) };
    },
    onSuccess: setMine,
  });
  const second = useAction({
    mutationFn: async () => {
      const { declaration, first: own } = mine!;
      const colleague = theirs ?? await signDeclaration(declaration, []);
      if (colleague.credential === own.credential) throw new PasskeyError("sameKey");
      setTheirs(colleague);
      return withStepUp(() => bodyOf(api.POST("/api/v1/emergency-access", {
        body: { statement: toBase64Url(declaration.bytes), first: own, second: colleague, reason: declaration.reason, salt: declaration.salt },
      })));
    },
    onError(error) {
      if (error instanceof ApiError && !error.mayRetry) setTheirs(null);
    },
    onSuccess(view) {
      if (!view.access) return;
      client.setQueryData(requestQuery(view.access.id).queryKey, view.access);
      void client.invalidateQueries({ queryKey: askedQuery.queryKey });
      void navigate(`/requests/${view.access.id}`);
    },
  });

  const isOpen = theirs !== null && second.error instanceof ApiError && second.error.leavesOpen;
  return (
    <Page title={t("glass.title")} lead={<span className="hs-mono">{patientId}</span>}>
      <Alert color="red" icon={<TriangleAlert aria-hidden />} title={t("glass.warning")}>
        <ul className="hs-list"><li>{t("glass.told")}</li><li>{t("glass.reviewed")}</li><li>{t("glass.recorded")}</li></ul>
      </Alert>
      <Card withBorder padding="lg" component="section" aria-labelledby="why">
        <Stack>
          <Title order={2} size="h4" id="why">{t("glass.why")}</Title>
          <Radio.Group value={code} onChange={(value) => setCode(value as ReasonCode)} aria-labelledby="why">
            <Stack gap="xs">{reasonCodes.map((known) => <Radio key={known} value={known} label={t(`glass.${known}`)} disabled={!!mine} />)}</Stack>
          </Radio.Group>
          <Textarea label={t("glass.words")} description={t("glass.wordsHint")} minRows={3} autosize maxLength={longest} value={reason} disabled={!!mine}
            onChange={(event) => setReason(event.currentTarget.value)} />
          <Checkbox checked={understood} disabled={!!mine} onChange={(event) => setUnderstood(event.currentTarget.checked)} label={t("glass.understood")} />
        </Stack>
      </Card>
      <Card withBorder padding="lg" component="section" aria-labelledby="keys">
        <Stack>
          <Title order={2} size="h4" id="keys">{t("glass.keys")}</Title>
          <Group>
            <Button color="red.9" leftSection={mine ? <CircleCheck size={18} aria-hidden /> : <KeyRound size={18} aria-hidden />} disabled={!complete || !!mine} loading={first.isPending} onClick={() => first.mutate()}>
              {t(mine ? "glass.firstDone" : "glass.first")}
            </Button>
            <Button color="red.9" leftSection={<UserRoundCheck size={18} aria-hidden />} disabled={!mine} loading={second.isPending} onClick={() => second.mutate()}>{t(isOpen ? "glass.send" : "glass.second")}</Button>
            {mine && !isOpen && !second.isPending && <Button variant="subtle" color="gray" onClick={() => {
              setMine(null);
              setTheirs(null);
            }}>{t("glass.again")}</Button>}
          </Group>
          <Text size="sm" c="var(--hs-muted)" role="status">{mine ? t("glass.secondHint") : t("glass.firstHint")}</Text>
          {isOpen && <Alert color="yellow">{t("glass.unknown")}</Alert>}
          {(second.error ?? first.error) && <Problem error={second.error ?? first.error} />}
          {second.isSuccess && <Alert color="green" icon={<Siren aria-hidden />} role="status">{t("glass.open")}</Alert>}
        </Stack>
      </Card>
    </Page>
  );
}

