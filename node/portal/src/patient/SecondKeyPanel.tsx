import { Alert, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf } from "../api/client";
import { usePatientId, useSession } from "../session/session";
import { askSecondKey, SecondKeyClosedError } from "../signing/second-key";
import { Problem } from "../ui/Problem";
import { credentialsQuery, secondKeyPagesQuery } from "./queries";
import { secondKeySiteOf } from "./second-signature";
import { useSigning } from "./signing";

/** Offers a second passkey at a site that no hospital serves; nothing where this hospital brought one already, or no such site is there. */
export function SecondKeyPanel() {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const { organization } = useSession();
  const sites = useQuery(secondKeyPagesQuery);
  const credentials = useQuery(credentialsQuery(patientId));
  const offered = sites.data && credentials.data && secondKeySiteOf(credentials.data, sites.data, organization.mspId);
  const [taken, setTaken] = useState<string>(); // the offer goes once the passkey is the patient's, before it has said so
  const site = taken ?? offered;
  const made = useAction({
    mutationFn: async () => {
      setTaken(site);
      const answer = await askSecondKey(site!, { want: "make" });
      if (!("made" in answer) || !answer.made.origins.every((origin) => origin === site)) throw new SecondKeyClosedError();
      return answer.made;
    },
  });
  const { phase, act } = useSigning("addCredential",
    () => ({ credential: made.data!.credentialId, publicKey: made.data!.publicKey, rpId: made.data!.rpId, origins: [...made.data!.origins] }),
    (signed) => bodyOf(api.POST("/api/v1/patients/{patientId}/credentials", { params: { path: { patientId } }, body: signed })));
  if (!site) return null;
  return (
    <Card withBorder padding="lg" component="section" aria-labelledby="second-key">
      <Stack>
        <div><Title order={2} size="h4" id="second-key">{t("secondKey.title")}</Title><Text size="sm" c="var(--hs-muted)">{t("secondKey.offer", { site: new URL(site).host })}</Text></div>
        {act.isSuccess ? <Alert color="green" role="status">{t("secondKey.added")}</Alert> : made.isSuccess ? (
          <>
            <Text>{t("secondKey.confirm")}</Text>
            {act.isError && <Problem error={act.error} />}
            <Group><Button loading={phase !== "idle"} onClick={() => act.mutate()}>{t("action.sign")}</Button></Group>
          </>
        ) : (
          <>
            {made.isError && <SecondKeyProblem error={made.error} />}
            <Group><Button h="auto" mih="2.25rem" py={6} styles={{ label: { whiteSpace: "normal" } }} leftSection={<KeyRound size={18} aria-hidden />} loading={made.isPending} onClick={() => made.mutate()}>{t("secondKey.open", { site: new URL(site).host })}</Button></Group>
          </>
        )}
      </Stack>
    </Card>
  );
}

/** The other site did not answer, or what was asked of it failed. */
export function SecondKeyProblem({ error }: { error: Error }) {
  const { t } = useTranslation();
  return error instanceof SecondKeyClosedError ? <Alert color="yellow" role="alert">{t("secondKey.closed")}</Alert> : <Problem error={error} />;
}
