import { Alert, Button, List, Loader, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useAction } from "../api/action";
import { ApiError } from "../api/problem";
import { Problem } from "../ui/Problem";
import { organizationName } from "../ui/members";
import { Welcome } from "./Welcome";
import { useSessionState } from "./session";
import { appointmentLink } from "../signing/appointment-link";
import { enrol, openEnrolment, type Enrolment, type Session } from "./session-api";

const SecondKeyStep = lazy(() => import("./SecondKeyStep").then((module) => ({ default: module.SecondKeyStep })));
const AppointmentCard = lazy(() => import("./AppointmentCard").then((module) => ({ default: module.AppointmentCard })));

/** Where a one-time link leads: makes the passkey. The token stands in the fragment, which no server and no log ever sees. */
export function EnrolPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { begin, session } = useSessionState();
  const token = useLocation().hash.slice(1);
  const making = useAction({
    mutationFn: (opened: Enrolment) => enrol(token, opened),
    onSuccess({ session, publicKey }) {
      // Whoever shall sign for a patient is appointed first: the patient needs this passkey for that, and here alone it is at hand.
      if (appointeeOf({ session, publicKey })) return;
      // A patient's own first passkey: the second is best made now, so that it is old enough when a permit asks for it.
      if (session.role === "patient") begin(session);
      else enter(session);
    },
  });
  const invitation = useQuery({ queryKey: ["enrolment", token], queryFn: () => openEnrolment(token), enabled: token !== "" && !making.isSuccess, retry: false, staleTime: Infinity, gcTime: 0 });
  const goHome = () => void navigate("/", { replace: true });
  const enter = (session: Session) => {
    begin(session);
    goHome();
  };

  if (making.data?.session.role === "patient" && session) return <Suspense><SecondKeyStep onDone={goHome} /></Suspense>;
  if (token === "" || invitation.isError) {
    return (
      <Welcome>
        <Title order={1}>{t("enrol.invalid")}</Title>
        <Text>{t("enrol.invalidHint")}</Text>
        {invitation.isError && <Problem error={invitation.error} retry={() => void invitation.refetch()} />}
      </Welcome>
    );
  }
  if (invitation.isPending) return <Welcome><Loader aria-label={t("enrol.opening")} role="status" /></Welcome>;
  const { displayName, organization } = invitation.data;
  const made = making.data && appointeeOf(making.data);
  const waits = making.error instanceof ApiError && making.error.code === "enrolment.waits";
  return (
    <Welcome>
      <Title order={1}>{t("enrol.title", { name: displayName })}</Title>
      <Text size="lg" c="var(--hs-muted)">{t("enrol.lead", { organization: typeof organization === "string" ? organization : organizationName(organization) })}</Text>
      <Paper withBorder p="lg" shadow="sm">
        {waits ? <Waits role={invitation.data.role} /> : made ? <Suspense><AppointmentCard link={made.link} onDone={() => enter(made.session)} /></Suspense> : (
          <Stack>
            <List size="sm" spacing="xs">
              <List.Item>{t("enrol.point1")}</List.Item><List.Item>{t("enrol.point2")}</List.Item><List.Item>{t("enrol.point3")}</List.Item>
            </List>
            <Button size="lg" leftSection={<KeyRound size={22} aria-hidden />} loading={making.isPending} onClick={() => making.mutate(invitation.data)}>{t("enrol.button")}</Button>
            <Text size="sm" c="var(--hs-muted)" ta="center">{t("enrol.once")}</Text>
            {making.isError && <Problem error={making.error} />}
          </Stack>
        )}
      </Paper>
    </Welcome>
  );
}

/** The passkey is made and the link used: what comes next. */
function Waits({ role }: { role: Enrolment["role"] }) {
  const { t } = useTranslation();
  return (
    <Alert variant="light" icon={<KeyRound aria-hidden />} title={t("enrol.waits")} role="alert">
      {role === "delegate" ? <Text size="sm">{t("enrol.waitsHelper")}</Text> : (
        <List size="sm" spacing="xs" type="ordered">
          <List.Item>{t("lost.second")}</List.Item><List.Item>{t("lost.wait")}</List.Item><List.Item>{t("lost.end")}</List.Item>
        </List>
      )}
    </Alert>
  );
}

function appointeeOf({ session, publicKey }: Awaited<ReturnType<typeof enrol>>): { session: Session; link: string } | null {
  if (session.role !== "delegate" || !session.delegateId || !publicKey) return null;
  return { session, link: appointmentLink(location.origin, { delegate: session.delegateId, credential: session.credentialId, publicKey }) };
}
