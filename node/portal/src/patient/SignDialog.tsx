import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { CircleCheck, Fingerprint } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../ui/Problem";
import type { Phase } from "./signing";

interface Props {
  opened: boolean;
  onClose(): void;
  title: string;
  children: ReactNode;
  phase: Phase;
  error: Error | null;
  /** What to say once it is done; null while it is not. */
  done: ReactNode;
  onSign(): void;
  action: string;
  danger?: boolean;
}

/** Says in words what is signed, has it signed, and says what came of it. */
export function SignDialog({ opened, onClose, title, children, phase, error, done, onSign, action, danger }: Props) {
  const { t } = useTranslation();
  const busy = phase !== "idle";
  return (
    <Modal opened={opened} onClose={busy ? () => {} : onClose} title={<b>{title}</b>} centered closeButtonProps={{ "aria-label": t("app.close") }}>
      <Stack>
        {done ? (
          <>
            <Alert color="green" icon={<CircleCheck aria-hidden />} role="status" title={t("state.saved")}>{done}</Alert>
            <Group justify="flex-end"><Button onClick={onClose}>{t("app.close")}</Button></Group>
          </>
        ) : (
          <>
            <div>{children}</div>
            {error && <Problem error={error} />}
            <Text size="sm" c="var(--hs-muted)" role="status">{busy ? t(`state.${phase}`) : ""}</Text>
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose} disabled={busy}>{t("action.cancel")}</Button>
              <Button color={danger ? "red" : undefined} leftSection={<Fingerprint size={18} aria-hidden />} loading={busy} onClick={onSign} data-autofocus>{action}</Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}
