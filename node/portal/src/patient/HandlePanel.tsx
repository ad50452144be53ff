import { Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { QRCodeSVG } from "qrcode.react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf } from "../api/client";
import { usePatientId, useSession } from "../session/session";
import { signHandle } from "../signing/handle";
import { Problem } from "../ui/Problem";
import { credentialsQuery } from "./queries";
import { pickCredential } from "./signing";
import { useWords } from "./words";

/** A one-time code for a clinician who is there: the patient's passkey signs it, so that every hospital can check it by itself. */
export function HandlePanel() {
  const { t } = useTranslation();
  const { channel, credentialId, organization } = useSession();
  const patientId = usePatientId();
  const words = useWords();
  const client = useQueryClient();
  const make = useAction({
    gcTime: 0,
    mutationFn: async () => {
      const credentials = await client.fetchQuery({ ...credentialsQuery(patientId), staleTime: 60_000 });
      const handle = await signHandle(channel, patientId, pickCredential(credentials, credentialId));
      return { handle, ...await bodyOf(api.POST("/api/v1/patients/{patientId}/handles", { params: { path: { patientId } }, body: { handle } })) };
    },
  });
  const isOver = useIsOver(make.data?.expiresAt);
  return (
    <Card withBorder padding="lg" component="section" className="hs-no-print" maw="44rem" aria-labelledby="handle">
      <Stack>
        <div><Title order={2} size="h4" id="handle">{t("handle.title")}</Title><Text size="sm" c="var(--hs-muted)">{t("handle.lead")}</Text></div>
        {make.data && (isOver ? <Text role="status">{t("handle.over")}</Text> : (
          <Stack align="center" role="status">
            <QRCodeSVG value={make.data.handle} size={296} marginSize={3} level="L" title={t("handle.qr")} className="hs-qr" />
            <Text size="sm">{t("handle.typed")}</Text>
            <Text className="hs-mono" size="xl" fw={650} data-code>{make.data.code}</Text>
            <Text size="sm" ta="center">{t("handle.until", { time: words.time(make.data.expiresAt) })}</Text>
            <Text size="sm" c="var(--hs-muted)" ta="center">{t("handle.elsewhere", { member: words.member(organization.mspId) })}</Text>
          </Stack>
        ))}
        {make.isError && <Problem error={make.error} />}
        <Group><Button variant={make.data ? "default" : "filled"} leftSection={<Fingerprint size={18} aria-hidden />} loading={make.isPending} onClick={() => make.mutate()}>{t("handle.make")}</Button></Group>
      </Stack>
    </Card>
  );
}

// Shown for no longer than it is good.
function useIsOver(expiresAt: string | undefined): boolean {
  const [over, setOver] = useState<string>();
  useEffect(() => {
    if (!expiresAt) return;
    const timer = setTimeout(() => setOver(expiresAt), Math.max(0, Date.parse(expiresAt) - Date.now()));
    return () => clearTimeout(timer);
  }, [expiresAt]);
  return expiresAt !== undefined && over === expiresAt;
}
