import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fingerprint, SquareArrowOutUpRight } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { usePatientId, useSession, withStepUp } from "../session/session";
import { fromBase64Url } from "../signing/base64url";
import { isWhollyKnown } from "../signing/grant-in-words";
import { askSecondKey, SecondKeyClosedError } from "../signing/second-key";
import { signBytes } from "../signing/statement";
import { organizationsQuery } from "../ui/members";
import { credentialsQuery, patientKey, secondKeyPagesQuery } from "./queries";
import { GrantWords } from "./ScopeFacts";
import { SecondKeyProblem } from "./SecondKeyPanel";
import { secondSignatureOf } from "./second-signature";
import { SignDialog } from "./SignDialog";
import type { Phase } from "./signing";
import { useWords } from "./words";

const lookAgain = 3000, lookNoLonger = 60_000; // milliseconds: this node's copy follows the channel by itself

/** Lets the patient end a broad permit's waiting by a second signature, or says plainly what is missing for one. */
export function SecondSignaturePanel({ consent }: { consent: Schemas["Consent"] }) {
  const { t } = useTranslation();
  const words = useWords();
  const { organization } = useSession();
  const credentials = useQuery(credentialsQuery(usePatientId()));
  const sites = useQuery(secondKeyPagesQuery);
  const members = useQuery(organizationsQuery);
  const [now] = useState(() => new Date());
  if (!consent.statement || consent.delegate || !credentials.data || !sites.data || !members.data?.settings || !isWhollyKnown(consent.body)) return null;
  const way = secondSignatureOf(consent, credentials.data, {
    origin: location.origin, member: organization.mspId, sites: sites.data, waitHours: members.data.settings.broadPermitWaitHours,
  }, now);
  switch (way.by) {
    case "here": return <SignHere consent={consent} statement={consent.statement} credentialId={way.credentialId} />;
    case "site": return <SignAtSite statement={consent.statement} site={way.site} credentialId={way.credentialId} />;
    case "elsewhere": return <Text size="sm">{t("secondSignature.elsewhere")} <Anchor href={way.origin} inherit>{new URL(way.origin).host}</Anchor></Text>;
    case "later": return (
      <Text size="sm" c="var(--hs-muted)">
        {consent.effectiveFrom && way.from >= new Date(consent.effectiveFrom) ? t("secondSignature.tooNew") : t("secondSignature.later", { time: words.time(way.from.toISOString()) })}
      </Text>
    );
    case "nobody": return <Text size="sm" c="var(--hs-muted)">{t("secondSignature.nobody")}</Text>;
  }
}

function SignHere({ consent, statement, credentialId }: { consent: Schemas["Consent"]; statement: string; credentialId: string }) {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const client = useQueryClient();
  const [open, dialog] = useDisclosure(false);
  const [phase, setPhase] = useState<Phase>("idle");
  const act = useAction({
    mutationFn: async () => {
      setPhase("signing");
      try {
        const assertion = await signBytes(fromBase64Url(statement), credentialId);
        setPhase("sending");
        return await withStepUp(() => bodyOf(api.POST("/api/v1/patients/{patientId}/consents/{statementId}/co-signature",
          { params: { path: { patientId, statementId: consent.id } }, body: assertion })));
      } finally {
        setPhase("idle");
      }
    },
  });
  // Only then: this panel goes as soon as the permit waits no longer.
  const close = () => {
    dialog.close();
    if (act.isSuccess) void client.invalidateQueries({ queryKey: patientKey(patientId) });
  };
  return (
    <>
      <Group><Button size="sm" variant="light" leftSection={<Fingerprint size={18} aria-hidden />} onClick={dialog.open}>{t("secondSignature.here")}</Button></Group>
      <SignDialog opened={open} onClose={close} title={t("secondKey.sign")} action={t("action.sign")} phase={phase} error={act.error} onSign={() => act.mutate()}
        done={act.data && t("secondSignature.done")}>
        <GrantWords consent={consent} />
        <Text>{t("secondSignature.hereText")}</Text>
      </SignDialog>
    </>
  );
}

function SignAtSite({ statement, site, credentialId }: { statement: string; site: string; credentialId: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const patientId = usePatientId();
  const act = useAction({
    mutationFn: async () => {
      const answer = await askSecondKey(site, { want: "sign", statement, credentialId });
      if (!("coSigned" in answer)) throw new SecondKeyClosedError();
    },
  });
  const { isSuccess } = act;
  useEffect(() => {
    if (!isSuccess) return;
    const look = () => void client.invalidateQueries({ queryKey: patientKey(patientId) });
    look();
    const timer = setInterval(look, lookAgain);
    const end = setTimeout(() => clearInterval(timer), lookNoLonger);
    return () => {
      clearInterval(timer);
      clearTimeout(end);
    };
  }, [isSuccess, client, patientId]);
  const { host } = new URL(site);
  if (isSuccess) return <Alert color="green" role="status">{t("secondSignature.brought", { site: host })}</Alert>;
  return (
    <Stack gap="xs">
      <Text size="sm" c="var(--hs-muted)">{t("secondSignature.siteText", { site: host })}</Text>
      {act.isError && <SecondKeyProblem error={act.error} />}
      <Group><Button size="sm" variant="light" leftSection={<SquareArrowOutUpRight size={18} aria-hidden />} loading={act.isPending} onClick={() => act.mutate()}>
        {t("secondSignature.atSite", { site: host })}</Button></Group>
    </Stack>
  );
}
