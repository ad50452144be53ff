import { Alert, Button, List, Loader, Paper, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, Fingerprint, KeyRound, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { useAction } from "../api/action";
import { ApiError } from "../api/problem";
import { localeOf } from "../i18n";
import { isPurpose } from "../patient/codes";
import { fromBase64Url } from "../signing/base64url";
import { assertWith } from "../signing/passkey";
import { readGrant, type GrantInWords } from "../signing/grant-in-words";
import { answerPortal, hearAsk, type SecondKeyAnswer, type SecondKeyAsk } from "../signing/second-key";
import { challengeOf } from "../signing/statement";
import { shortName } from "../ui/members";
import { Problem } from "../ui/Problem";
import { bringCoSignature, makeSecondKey, secondKeyOrigins } from "./session-api";
import { Welcome } from "./Welcome";

/**
 * A regulator's page that a hospital's portal opens: makes a passkey at this site, or signs a permit with it after saying what it is, and
 * brings that signature to the channel by the regulator's own node.
 * The portal's origin stands in the fragment; nothing is answered to any other, and to none that this node does not know.
 */
export function SecondKeyPage() {
  const { t } = useTranslation();
  const { hash } = useLocation();
  const [portal] = useState(hash.slice(1)); // as it was opened: who opened it could write another later
  const known = useQuery({ queryKey: ["second-key-origins"], queryFn: secondKeyOrigins, staleTime: Infinity });
  const isKnown = !!window.opener && !!known.data?.items.includes(portal);
  const [ask, setAsk] = useState<SecondKeyAsk | null>(null);
  useEffect(() => {
    document.title = `${t("secondKey.title")} · ${t("app.name")}`;
  }, [t]);
  useEffect(() => (isKnown ? hearAsk(portal, (heard) => setAsk((first) => first ?? heard)) : undefined), [isKnown, portal]);

  const grant = ask?.want === "sign" ? readGrant(ask.statement) : null;
  const act = useAction({
    mutationFn: async (shown: SecondKeyAsk) => answerPortal(portal, await answerTo(shown)),
    onError: (error) => {
      if (isFinal(error)) answerPortal(portal, { failed: error.code });
    },
  });
  if (known.isPending) return <Welcome><Loader role="status" aria-label={t("state.loading")} /></Welcome>;
  if (known.isError || !isKnown) {
    // Anything but a failure of the moment is a hospital's own site, which makes no second passkeys.
    const isAway = known.error instanceof ApiError && known.error.mayRetry;
    return (
      <Welcome>
        <Title order={1}>{t("secondKey.title")}</Title>
        {isAway ? <Problem error={known.error} retry={() => void known.refetch()} /> : <Text>{t("secondKey.strange")}</Text>}
      </Welcome>
    );
  }
  return (
    <Welcome>
      <Title order={1}>{t(ask?.want === "sign" ? "secondKey.sign" : "secondKey.title")}</Title>
      <Text size="lg" c="var(--hs-muted)">{t("secondKey.lead", { site: location.host, portal: new URL(portal).host })}</Text>
      <Paper withBorder p="lg" shadow="sm">
        <Stack>
          {act.isSuccess ? (
            <><Alert color="green" icon={<CircleCheck aria-hidden />} role="status">{t(ask?.want === "sign" ? "secondKey.signed" : "secondKey.done")}</Alert><Button onClick={() => window.close()}>{t("app.close")}</Button></>
          ) : (
            <>
              {!ask && <Loader role="status" aria-label={t("state.loading")} />}
              {ask?.want === "make" && <Text>{t("secondKey.make")}</Text>}
              {ask?.want === "sign" && (grant ? <GrantWords grant={grant} /> : <Alert color="red">{t("secondKey.unreadable")}</Alert>)}
              {act.isError && <Problem error={act.error} />}
              {isFinal(act.error) ? <Button variant="default" onClick={() => window.close()}>{t("app.close")}</Button> : ask && (ask.want === "make" || grant) && (
                <Button size="lg" leftSection={ask.want === "make" ? <KeyRound size={22} aria-hidden /> : <Fingerprint size={22} aria-hidden />} loading={act.isPending} onClick={() => act.mutate(ask)}>
                  {t(ask.want === "make" ? "enrol.button" : "action.sign")}
                </Button>
              )}
            </>
          )}
        </Stack>
      </Paper>
    </Welcome>
  );
}

async function answerTo(ask: SecondKeyAsk): Promise<SecondKeyAnswer> {
  if (ask.want === "make") return { made: await makeSecondKey() };
  const { statement, credentialId } = ask;
  const assertion = await assertWith(await challengeOf(fromBase64Url(statement), "statement"), [credentialId]);
  try {
    await bringCoSignature({ statement, assertion });
  } catch (error) {
    // The answer to an earlier try was lost on its way, and it is done.
    if (!(error instanceof ApiError) || error.code !== "consent.already_cosigned") throw error;
  }
  return { coSigned: true };
}

// Trying again changes nothing: the portal hears why. A permit that this node does not have yet may come in a moment.
const isFinal = (error: unknown): error is ApiError => error instanceof ApiError && !error.mayRetry && error.status !== 404;

function GrantWords({ grant }: { grant: GrantInWords }) {
  const { t, i18n } = useTranslation();
  const locale = localeOf(i18n.language);
  const list = (words: string[]) => new Intl.ListFormat(locale).format(words);
  const date = (text: string) => new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date(text));
  const readers = grant.readers.map((reader) => {
    if (reader === "anyHospital" || reader === "anyone") return t("reader.anyHospital");
    const org = shortName(reader.member);
    if (reader.role === "physician" || reader.role === "nurse") return t("reader.roleAt", { role: t(`reader.${reader.role}`), org });
    return reader.staff ? t("reader.personAt", { org }) : t("reader.anyoneAt", { org });
  });
  return (
    <>
      <Text fw={650}>{t("permissions.may", { who: list(readers) })}</Text>
      <List size="sm" spacing="xs">
        <List.Item>{grant.kinds === null ? t("secondKey.everything") : t("secondKey.kinds", { count: grant.kinds })}</List.Item>
        <List.Item>{grant.sensitive === 0 ? t("scope.noSensitive") : t("secondKey.sensitive", { count: grant.sensitive })}</List.Item>
        <List.Item>{grant.purposes ? t("secondKey.purposes", { list: list(grant.purposes.map((code) => (isPurpose(code) ? t(`purpose.${code}`) : code))) }) : t("secondKey.anyPurpose")}</List.Item>
        {grant.uses !== null && <List.Item>{t("secondKey.uses", { count: grant.uses })}</List.Item>}
        {grant.narrowed && <List.Item>{t("secondKey.narrowed")}</List.Item>}
        <List.Item>{grant.end ? t("secondKey.until", { start: date(grant.start), end: date(grant.end) }) : t("secondKey.endless", { start: date(grant.start) })}</List.Item>
      </List>
      {grant.replaces && <Alert color="yellow" icon={<TriangleAlert aria-hidden />}>{t("secondKey.replaces")}</Alert>}
      <Text size="sm" c="var(--hs-muted)">{t("secondKey.check")}</Text>
    </>
  );
}
