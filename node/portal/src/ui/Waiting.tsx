import { Paper, Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** Shapes where the content will be; screen readers hear one word. */
export function Waiting({ rows = 3 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <Stack role="status" aria-label={t("state.loading")} gap="sm">
      {Array.from({ length: rows }, (_, row) => <Skeleton key={row} height={76} radius="md" />)}
    </Stack>
  );
}

/** A sentence where there is nothing to list. */
export function Empty({ icon, children, action }: { icon?: ReactNode; children: ReactNode; action?: ReactNode }) {
  return (
    <Paper withBorder p="xl" className="hs-empty">
      <Stack align="center" gap="sm">
        {icon && <span className="hs-empty-icon" aria-hidden>{icon}</span>}
        <Text ta="center" c="var(--hs-muted)" maw="32rem" role="status" component="div">{children}</Text>
        {action}
      </Stack>
    </Paper>
  );
}
