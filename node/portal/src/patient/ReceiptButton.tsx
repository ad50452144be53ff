import { Button, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { ask } from "../api/client";
import { usePatientId } from "../session/session";
import { Problem } from "../ui/Problem";
import { saveFile } from "../ui/save-file";

const attempts = 8;

/** Downloads the proof of a signature. Two members' nodes vouch for it, so it may take a moment until it is there. */
export function ReceiptButton({ id, icon }: { id: string; icon: ReactNode }) {
  const { t } = useTranslation();
  const patientId = usePatientId();
  const receipt = useAction({
    mutationFn: async () => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const answer = await ask(`${location.origin}/api/v1/patients/${patientId}/consents/${id}/receipt`);
        if (answer.status === 200) {
          saveFile(await answer.blob(), `receipt-${id}.json`);
          return true;
        }
        await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answer.headers.get("Retry-After") ?? 1)));
      }
      return false;
    },
  });
  return (
    <>
      <Button variant="default" size="sm" leftSection={icon} loading={receipt.isPending} onClick={() => receipt.mutate()}>{t("permissions.receipt")}</Button>
      {receipt.data === false && <Text size="sm" role="status">{t("permissions.receiptLater")}</Text>}
      {receipt.isError && <Problem error={receipt.error} />}
    </>
  );
}
