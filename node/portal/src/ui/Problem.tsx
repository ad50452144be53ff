import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { CircleAlert } from "lucide-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { ApiError, UnansweredError } from "../api/problem";
import { PasskeyError } from "../signing/passkey";

/** What happened and what to do about it, in the person's language. */
export function explain(error: unknown, t: TFunction): string {
  if (error instanceof PasskeyError) {
    return error.reason === "failed" ? t("problem.passkeyFailed") : t(`problem.${error.reason}`);
  }
  if (isLoadFailure(error)) return t("problem.offline");
  if (!(error instanceof ApiError)) return t("problem.unexpected");
  if (error instanceof UnansweredError) return t("problem.unanswered");
  if (error.status === 0) return t("problem.offline");
  if (error.status === 429) return t("problem.throttled", { seconds: error.retryAfter ?? 60 });
  if (error.code === "session.refused") return t("signIn.refused");
  if (error.code === "access.not_available") return t("problem.notAvailable");
  if (error.code === "readmodel.behind") return t("problem.behind");
  if (error.status === 403) return t("problem.forbidden");
  if (error.status === 503) return t("problem.unavailable");
  return t(error.status >= 500 ? "problem.unexpected" : "problem.refused");
}

// What browsers throw where a part of the portal itself cannot be loaded; they have no name for it, only words.
const isLoadFailure = (error: unknown): boolean =>
  error instanceof TypeError && /dynamically imported module|importing a module script failed/i.test(error.message);

/** A failed call: what happened, what to do, and the code that support asks for. */
export function Problem({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const { t } = useTranslation();
  const failed = error instanceof ApiError ? error : null;
  return (
    <Alert color="red" variant="light" icon={<CircleAlert aria-hidden />} title={t("problem.title")} role="alert">
      <Stack gap="xs">
        <Text size="sm">{explain(error, t)}</Text>
        {failed && failed.status > 0 && (
          <Text size="xs" c="var(--hs-muted)">
            {[failed.detail ?? failed.message, t("problem.code", { code: failed.code }), failed.requestId && t("problem.request", { id: failed.requestId })]
              .filter(Boolean).join(" · ")}
          </Text>
        )}
        {retry && (!failed || failed.mayRetry) && (
          <Group><Button size="xs" variant="default" onClick={retry}>{t("action.retry")}</Button></Group>
        )}
      </Stack>
    </Alert>
  );
}
