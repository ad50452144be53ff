import { Button, Card, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { ScanLine, Search } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useAction } from "../api/action";
import { Page } from "../ui/Page";
import { Problem } from "../ui/Problem";
import { AskedList } from "./AskedList";
import { readCode } from "./code";
import { lookUp, redeem } from "./look-up";

/** Finds a patient by the code of the card, by a one-time code that the patient shows, or by this hospital's own number. */
export function FindPage() {
  const { t } = useTranslation("staff");
  const navigate = useNavigate();
  const [by, setBy] = useState<"card" | "number">("card");
  const [text, setText] = useState("");
  const [authority, setAuthority] = useState("");
  const code = readCode(text);
  const wrong = by === "card" && text.trim() !== "" && !code;
  const find = useAction({
    mutationFn: async () => (by === "card" ? redeem(code!) : lookUp(text.trim(), authority.trim())),
    onSuccess: (patientId) => navigate(`/patients/${patientId}`),
  });
  return (
    <Page title={t("find.title")} lead={t("find.lead")}>
      <Card withBorder padding="lg" maw="40rem">
        <form onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() && !wrong) find.mutate();
        }}>
          <Stack>
            <SegmentedControl value={by} onChange={(value) => setBy(value as "card" | "number")} aria-label={t("find.by")}
              data={[{ value: "card", label: t("find.card") }, { value: "number", label: t("find.number") }]} />
            <TextInput label={t(by === "card" ? "find.cardLabel" : "find.numberLabel")} description={t(by === "card" ? "find.cardHint" : "find.numberHint")} value={text}
              onChange={(event) => setText(event.currentTarget.value)} error={wrong && t("find.wrong")} leftSection={by === "card" ? <ScanLine size={18} aria-hidden /> : null}
              autoComplete="off" spellCheck={false} data-autofocus required withAsterisk={false} />
            {by === "number" && <TextInput label={t("find.authority")} description={t("find.authorityHint")} value={authority} onChange={(event) => setAuthority(event.currentTarget.value)} autoComplete="off" />}
            {find.isError && <Problem error={find.error} />}
            <Button type="submit" leftSection={<Search size={18} aria-hidden />} loading={find.isPending} w="fit-content" disabled={wrong}>{t("find.go")}</Button>
          </Stack>
        </form>
      </Card>
      <AskedList latest={5} />
    </Page>
  );
}
