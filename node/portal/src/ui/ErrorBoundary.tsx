import { Button, Stack, Title } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "./Problem";

/** The last resort where a page cannot be drawn: says so and offers a way on. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined as unknown };
  static getDerivedStateFromError = (error: unknown) => ({ error: error ?? new Error() });
  override render = () => (this.state.error ? <PageFailed error={this.state.error} /> : this.props.children);
}

export function PageFailed({ error }: { error?: unknown }) {
  const { t } = useTranslation();
  return (
    <Stack align="flex-start" p="xl">
      <Title order={1} size="h2">{t("problem.page")}</Title>
      <Problem error={error} />
      <Button onClick={() => location.reload()}>{t("problem.reload")}</Button>
    </Stack>
  );
}
