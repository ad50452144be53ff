import { Alert, Badge, Button, Card, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link2, UserX } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAction } from "../api/action";
import { api, bodyOf, type Schemas } from "../api/client";
import { withStepUp } from "../session/session";
import { invite, type Invitation } from "../session/session-api";
import { Problem } from "../ui/Problem";
import { Empty, Waiting } from "../ui/Waiting";
import { newLinkFor } from "./new-link";

type Member = Schemas["StaffMember"];
const key = ["staff"];
const time = (text: string) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(text));

type Link = Invitation & { link: string };

/** Who works here and signs in, a new link for who lost a passkey, and the way to shut somebody out at once. */
export function StaffList({ onInvited }: { onInvited(link: Link): void }) {
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
      {people.map((person) => <PersonCard key={person.id} person={person} onInvited={onInvited} onDisable={() => setLeaving(person)} />)}
      {list.hasNextPage && <Button variant="default" w="fit-content" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t("people.more")}</Button>}
      {leaving && <DisableDialog key={leaving.id} person={leaving} onClose={() => setLeaving(null)} />}
    </Stack>
  );
}

function PersonCard({ person, onInvited, onDisable }: { person: Member; onInvited(link: Link): void; onDisable(): void }) {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const link = useAction({
    mutationFn: () => withStepUp(() => invite(newLinkFor(person))),
    onSuccess(invitation) {
      onInvited(invitation);
      void client.invalidateQueries({ queryKey: ["invitations"] });
    },
  });
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
        <Group gap="xs">
          {person.staffId && (
            <Button size="xs" variant="default" leftSection={<Link2 size={16} aria-hidden />} loading={link.isPending} onClick={() => link.mutate()}
              aria-label={`${t("people.newLink")}: ${person.displayName}`}>{t("people.newLink")}</Button>
          )}
          {!person.self && (!person.disabledAt || person.keysInForce > 0) && (
            <Button size="xs" variant="light" color="red" leftSection={<UserX size={16} aria-hidden />} onClick={onDisable} aria-label={`${t("people.disable")}: ${person.displayName}`}>{t("people.disable")}</Button>
          )}
        </Group>
      </Group>
      {link.isError && <Problem error={link.error} />}
    </Card>
  );
}

function DisableDialog({ person, onClose }: { person: Member; onClose(): void }) {
  const { t } = useTranslation("staff");
  const client = useQueryClient();
  const disable = useAction({
    mutationFn: () => withStepUp(() => bodyOf(api.POST("/api/v1/staff/{personId}/disabling", { params: { path: { personId: person.id } } }))),
    onSettled: () => Promise.all([key, ["invitations"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  return (
    <Modal opened onClose={onClose} centered title={<b>{t("people.ask", { name: person.displayName })}</b>} closeButtonProps={{ "aria-label": t("messages.close") }}>
      <Stack>
        {disable.data ? (
          <Alert color={disable.data.keysInForce > 0 ? "yellow" : "green"} role="status">
            {disable.data.keysInForce > 0 ? t("people.keysStand", { count: disable.data.keysInForce }) : t("people.done", { name: person.displayName })}
            {!!disable.data.linksWithdrawn && <Text size="sm" mt="xs">{t("people.linksGone", { count: disable.data.linksWithdrawn })}</Text>}
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
