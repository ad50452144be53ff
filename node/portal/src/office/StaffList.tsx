import { Alert, Badge, Button, Card, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { UserX } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { withStepUp } from "../session/session";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";

type Member = Schemas["StaffMember"];
const key = ["staff"];
const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));

/** Who works here and signs in, and the way to shut somebody out at once. */
export function StaffList() {
  const { t } = useTranslation("staff");
  const [leaving, setLeaving] = useState<Member | null>(null);
  const list = useInfiniteQuery({
    queryKey: key, initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => bodyOf(api.GET("/api/v1/staff", { params: { query: { cursor: pageParam, limit: 50 } }, signal })),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const people = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack gap="sm" component="section">
      <div><Title order={2} size="h4">{t("people.title")}</Title><Text size="sm" c="var(--hs-muted)">{t("people.lead")}</Text></div>
      {list.isPending && <Waiting rows={1} />}
      {list.isError && <Problem error={list.error} retry={() => void list.refetch()} />}
      {list.data && people.length === 0 && <Empty>{t("people.none")}</Empty>}
      {people.map((person) => <PersonCard key={person.id} person={person} onDisable={() => setLeaving(person)} />)}
      {list.hasNextPage && <Button variant="default" w="fit-content" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("people.more")}</Button>}
      {leaving && <DisableDialog key={leaving.id} person={leaving} onClose={() => setLeaving(null)} />}
    </Stack>
  );
}

function PersonCard({ person, onDisable }: { person: Member; onDisable(): void }) {
  const { t } = useTranslation("staff");
  return (
    <Card withBorder padding="md" component="article">
      <Group justify="space-between">
        <div>
          <Group gap="sm"><Text fw={600}>{person.displayName}</Text>
            {person.self && <Badge variant="light">{t("people.self")}</Badge>}
            {person.disabledAt && <Badge variant="light" color="red">{t("people.disabled")}</Badge>}</Group>
          <Text size="sm" c="var(--hs-muted)">
            {t(`role.${person.role}`)} · {person.disabledAt ? t("people.since", { time: time(person.disabledAt) })
              : person.lastUsedAt ? t("people.seen", { time: time(person.lastUsedAt), count: person.sessions }) : t("people.enrolled", { time: time(person.enrolledAt) })}
          </Text>
          {person.disabledAt && person.keysInForce > 0 && <Text size="sm" c="var(--mantine-color-red-light-color)">{t("people.keysStand", { count: person.keysInForce })}</Text>}
        </div>
        {!person.self && (!person.disabledAt || person.keysInForce > 0) && (
          <Button size="xs" variant="light" color="red" leftSection={<UserX size={16} aria-hidden />} onClick={onDisable} aria-label={`${t("people.disable")}: ${person.displayName}`}>{t("people.disable")}</Button>
        )}
      </Group>
    </Card>
  );
}

function DisableDialog({ person, onClose }: { person: Member; onClose(): void }) {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const disable = useAction({
    mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/staff/{personId}/disabling", { params: { path: { personId: person.id } } }))),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
  return (
    <Modal opened onClose={onClose} centered title={<b>{t("people.ask", { name: person.displayName })}</b>} closeButtonProps={{ "aria-label": t("messages.close") }}>
      <Stack>
        {disable.data ? (
          <Alert color={disable.data.keysInForce > 0 ? "yellow" : "green"} role="status">
            {disable.data.keysInForce > 0 ? t("people.keysStand", { count: disable.data.keysInForce }) : t("people.done", { name: person.displayName })}
          </Alert>
        ) : <Text size="sm">{t("people.text")}</Text>}
        {disable.isError && <Problem error={disable.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{t("messages.close")}</Button>
          {!disable.data && <Button color="red" loading={disable.isPending} onClick={() => disable.mutate()}>{t("people.go")}</Button>}
        </Group>
      </Stack>
    </Modal>
  );
}
