import { Checkbox, Group, NumberInput, Select, Stack, Text, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { categories, labels, purposes, type Category, type Label } from "./codes";
import { isForEmergencies, type Draft } from "./draft";

const lengths = [1, 7, 30, 90, 365] as const;

/** Every choice that a permission has. */
export function FineDetail({ draft, change, hospitals }: { draft: Draft; change(draft: Draft): void; hospitals: Schemas["Organization"][] }) {
  const { t } = useTranslation();
  const permit = draft.effect === "permit";
  const isNever = isForEmergencies(draft);
  const only = hospitals.find((member) => member.mspId === draft.org)?.name;
  return (
    <Stack gap="lg">
      <Checkbox.Group label={t("fine.kinds")} description={t("fine.kindsHint")} value={draft.categories ?? []}
        onChange={(picked) => change({ ...draft, categories: picked.length === 0 ? null : (picked as Category[]) })}>
        <Group gap="md" mt="xs">{categories.map((code) => <Checkbox key={code} value={code} label={t(`category.${code}`)} />)}</Group>
      </Checkbox.Group>
      <Checkbox.Group label={t("fine.sensitive")} description={t(permit ? "fine.sensitiveHint" : "fine.sensitiveDenyHint")} value={draft.labels}
        onChange={(picked) => change({ ...draft, labels: picked as Label[] })}>
        <Group gap="md" mt="xs">{labels.map((code) => <Checkbox key={code} value={code} label={t(`label.${code}`)} />)}</Group>
      </Checkbox.Group>
      <Checkbox.Group label={t("fine.sources")} description={t("fine.sourcesHint")} value={draft.custodians ?? []}
        onChange={(picked) => change({ ...draft, custodians: picked.length === 0 ? null : picked })}>
        <Group gap="md" mt="xs">{hospitals.map((member) => <Checkbox key={member.mspId} value={member.mspId} label={member.name} />)}</Group>
      </Checkbox.Group>
      <Checkbox.Group label={t("fine.purposes")} description={permit ? undefined : t("fine.purposesHint")} value={isNever ? [] : draft.purposes} onChange={(picked) => change({ ...draft, purposes: picked })}>
        <Group gap="md" mt="xs">{purposes.map((code) => <Checkbox key={code} value={code} label={t(`purpose.${code}`)} disabled={isNever} />)}</Group>
      </Checkbox.Group>
      <Group align="flex-end" gap="md">
        <Select label={t("fine.length")} allowDeselect={false} w="12rem" value={draft.days === null ? "0" : String(draft.days)}
          data={[...lengths.map((days) => ({ value: String(days), label: t("fine.days", { count: days }) })), { value: "0", label: t("scope.untilRevoked") }]}
          onChange={(days) => change({ ...draft, days: days === "0" ? null : Number(days) })} />
        <TextInput type="date" label={t("fine.dataFrom")} w="12rem" value={draft.dataFrom ?? ""} onChange={(event) => change({ ...draft, dataFrom: event.currentTarget.value || null })} />
        {permit && (
          <NumberInput label={t("fine.uses")} placeholder={t("fine.unlimited")} w="12rem" min={1} max={100} allowDecimal={false} clampBehavior="strict"
            value={draft.uses ?? ""} onChange={(uses) => change({ ...draft, uses: typeof uses === "number" ? uses : null })} />
        )}
      </Group>
      {!permit && (
        <div>
          <Checkbox label={t("fine.never")} checked={draft.neverInEmergencies} onChange={(event) => change({ ...draft, neverInEmergencies: event.currentTarget.checked })} />
          <Text size="sm" c="var(--hs-muted)" mt={4}>{only ? t("fine.neverHintAt", { org: only }) : t("fine.neverHint")}</Text>
          {isNever && <Text size="sm" mt={4} role="status">{t("fine.neverWhole")}</Text>}
        </div>
      )}
    </Stack>
  );
}
