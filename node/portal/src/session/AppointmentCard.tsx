import { Button, CopyButton, Group, Stack, Text, Title } from "@mantine/core";
import { QRCodeSVG } from "qrcode.react";
import { useTranslation } from "react-i18next";

/** What a person who shall help shows to the patient, who signs it. It is told once: the page keeps nothing. */
export function AppointmentCard({ link, onDone }: { link: string; onDone(): void }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Title order={2} size="h4">{t("appoint.show")}</Title>
      <Text>{t("appoint.showText")}</Text>
      <Stack align="center"><QRCodeSVG value={link} size={264} marginSize={3} level="M" title={t("appoint.qr")} className="hs-qr" /></Stack>
      <Text className="hs-mono" size="xs">{link}</Text>
      <Group>
        <CopyButton value={link}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{t(copied ? "appoint.copied" : "appoint.copy")}</Button>}</CopyButton>
        <Button onClick={onDone}>{t("appoint.goOn")}</Button>
      </Group>
    </Stack>
  );
}
