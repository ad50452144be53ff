import { Alert, Badge, Button, Card, Group, Stack, Text, TextInput, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { signersOf } from "../api/signers";
import { useSession, withStepUp } from "../session/session";
import { isPatientId } from "../signing/ids";
import { Facts } from "../ui/Facts";
import { useMemberName } from "../ui/members";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";

const keyOf = (patientId: string) => ["signers-at-desk", patientId];
const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));

/** At the desk: a patient who lost the passkeys. One hospital's link makes a new one, a second hospital's word lets it count. */
export function RecoveryDesk() {
  const { t } = useTranslation("staff");
  const [text, setText] = useState("");
  const [patientId, setPatientId] = useState("");
  const wrong = text.trim() !== "" && !isPatientId(text.trim());
  return (
    <Card withBorder padding="lg" component="section" maw="40rem">
      <Stack>
        <Title order={2} size="h4">{t("recovery.title")}</Title>
        <Text size="sm">{t("recovery.how")}</Text>
        <form onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) setPatientId(text.trim());
        }}>
          <Stack>
            <TextInput label={t("recovery.patient")} value={text} onChange={(event) => setText(event.currentTarget.value)} error={wrong && t("recovery.wrong")} autoComplete="off" required withAsterisk={false} />
            <Button type="submit" variant="default" w="fit-content" disabled={wrong}>{t("recovery.look")}</Button>
          </Stack>
        </form>
        {patientId && <Signers key={patientId} patientId={patientId} />}
      </Stack>
    </Card>
  );
}

function Signers({ patientId }: { patientId: string }) {
  const { t } = useTranslation("staff");
  const list = useQuery({
    queryKey: keyOf(patientId),
    queryFn: ({ signal }) => signersOf(patientId, signal),
  });
  if (list.isPending) return <Waiting rows={1} />;
  if (list.isError) return <Problem error={list.error} retry={() => void list.refetch()} />;
  const lost = list.data.filter((signer) => signer.kind === "credential");
  return lost.length === 0 ? <Empty>{t("recovery.none")}</Empty> : lost.map((signer) => <SignerCard key={signer.signerId} patientId={patientId} signer={signer} />);
}

function SignerCard({ patientId, signer }: { patientId: string; signer: Schemas["VouchedSigner"] }) {
  const { t } = useTranslation("staff");
  const member = useMemberName();
  const { organization } = useSession();
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: keyOf(patientId) });
  const vouch = useAction({
    mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/patients/{patientId}/attested-signers", {
      params: { path: { patientId } }, body: { kind: "credential", credentials: signer.credentials, signerId: signer.signerId, joint: false },
    }))),
    onSuccess: refresh,
  });
  const object = useAction({
    mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/patients/{patientId}/attested-signers/{signerId}/objection", {
      params: { path: { patientId, signerId: signer.signerId } }, body: {},
    }))),
    onSuccess: refresh,
  });
  const open = signer.status === "incomplete" || signer.status === "waiting";
  const error = vouch.error ?? object.error;
  return (
    <Card withBorder padding="md" component="article">
      <Stack gap="sm">
        <Group justify="space-between"><Text fw={600}>{t("recovery.key", { site: signer.credentials[0]?.rpId })}</Text>
          <Badge variant="light" color={signer.status === "active" ? "green" : open ? "yellow" : "gray"}>{t(`recovery.status.${signer.status as "waiting"}`)}</Badge></Group>
        <Facts entries={[[t("recovery.vouchedBy"), signer.vouchedBy.map(member).join(", ")], signer.activeFrom && [t("recovery.from"), time(signer.activeFrom)]]} />
        {error && <Problem error={error} />}
        {signer.status === "incomplete" && !signer.vouchedBy.includes(organization.mspId) && (
          <>
            <Alert color="yellow">{t("recovery.check")}</Alert>
            <Button w="fit-content" loading={vouch.isPending} onClick={() => vouch.mutate()}>{t("recovery.vouch")}</Button>
          </>
        )}
        {open && <Button w="fit-content" size="xs" variant="light" color="red" loading={object.isPending} onClick={() => object.mutate()}>{t("recovery.object")}</Button>}
      </Stack>
    </Card>
  );
}
