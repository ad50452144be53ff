import { ActionIcon, Box, Drawer, Group, Menu, NavLink as MantineNavLink, Text, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { CircleUserRound, Ellipsis, LogOut, type LucideIcon } from "lucide-react";
import { Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, Outlet, ScrollRestoration, useLocation } from "react-router";
import { chooseLanguage, languages, type Language } from "../i18n";
import { useSession, useSessionState } from "../session/session";
import { ErrorBoundary } from "./ErrorBoundary";
import { organizationName } from "./members";
import { Waiting } from "./Waiting";
import classes from "./Shell.module.css";

export interface NavItem {
  to: string;
  label: string;
  icon: LucideIcon;
  badge?: number | undefined;
}

const tabs = 4;

/** The frame of every page of somebody signed in: who, where, and where to go. */
export function Shell({ items }: { items: NavItem[] }) {
  const { t } = useTranslation();
  const [open, drawer] = useDisclosure(false);
  const { pathname } = useLocation();
  const rest = items.slice(tabs);
  // Who reads by ear or goes by keyboard begins with the new page, not at the top of the frame.
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <div className={classes.frame}>
      <ScrollRestoration />
      <a className="hs-skip" href="#content">{t("app.skip")}</a>
      <header className={classes.header}>
        <Link to="/" className={classes.brand}>
          <img src="/mark.svg" alt="" width={32} height={32} />
          <span>{t("app.name")}</span>
        </Link>
        <UserMenu />
      </header>
      <nav className={classes.side} aria-label={t("app.main")}>
        {items.map((item) => <SideLink key={item.to} item={item} current={isCurrent(item.to, pathname)} />)}
      </nav>
      <main ref={main} className={classes.main} id="content" tabIndex={-1}>
        <ErrorBoundary key={pathname}><Suspense fallback={<Waiting />}><Outlet /></Suspense></ErrorBoundary>
      </main>
      <nav className={classes.tabs} aria-label={t("app.main")}>
        {items.slice(0, tabs).map(({ to, label, icon: Icon, badge }) => (
          <NavLink key={to} to={to} end={to === "/"} className={classes.tab!}>
            <span className={classes.tabIcon}><Icon size={22} aria-hidden />{!!badge && <span className={classes.dot} />}</span>
            <span>{label}</span>
          </NavLink>
        ))}
        {rest.length > 0 && (
          <button type="button" className={classes.tab} onClick={drawer.open} aria-haspopup="dialog" data-current={rest.some((item) => isCurrent(item.to, pathname)) || undefined}>
            <Ellipsis size={22} aria-hidden /><span>{t("app.more")}</span>
          </button>
        )}
      </nav>
      <Drawer opened={open} onClose={drawer.close} position="bottom" size="auto" title={t("app.menu")} closeButtonProps={{ "aria-label": t("app.close") }}>
        <Box component="nav" aria-label={t("app.more")} onClick={drawer.close}>
          {rest.map((item) => <SideLink key={item.to} item={item} current={isCurrent(item.to, pathname)} />)}
        </Box>
      </Drawer>
    </div>
  );
}

const isCurrent = (to: string, pathname: string) => (to === "/" ? pathname === "/" : pathname === to || pathname.startsWith(`${to}/`));

function SideLink({ item: { to, label, icon: Icon, badge }, current }: { item: NavItem; current: boolean }) {
  return (
    <MantineNavLink
      component={Link} to={to} label={label} active={current} aria-current={current ? "page" : undefined} className={classes.sideLink!}
      leftSection={<Icon size={20} aria-hidden />} rightSection={badge ? <span className={classes.count}>{badge}</span> : undefined}
    />
  );
}

function UserMenu() {
  const { t, i18n } = useTranslation();
  const session = useSession();
  const { end } = useSessionState();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Group gap="sm" wrap="nowrap">
      <div className={classes.who}>
        <Text size="sm" fw={600} lineClamp={1}>{session.name}</Text>
        <Text size="xs" c="var(--hs-muted)" lineClamp={1}>{t(`role.${session.role}`)} · {organizationName(session.organization)}</Text>
      </div>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="default" size={40} radius="xl" aria-label={`${t("menu.signedInAs")} ${session.name}`}><CircleUserRound size={22} aria-hidden /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("menu.language")}</Menu.Label>
          {Object.entries(languages).map(([code, name]) => (
            <Menu.Item key={code} lang={code} aria-current={i18n.language === code || undefined} fw={i18n.language === code ? 700 : 400}
              onClick={() => void chooseLanguage(code as Language)}>{name}</Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Label>{t("menu.scheme")}</Menu.Label>
          {(["light", "dark", "auto"] as const).map((scheme) => (
            <Menu.Item key={scheme} aria-current={colorScheme === scheme || undefined} fw={colorScheme === scheme ? 700 : 400}
              onClick={() => setColorScheme(scheme)}>{t(`menu.${scheme}`)}</Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => end.mutate()}>{t("action.signOut")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
