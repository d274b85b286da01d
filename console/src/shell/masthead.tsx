// The bar on top: project, region, language, theme, who is logged in.
import {
  Button,
  Dropdown,
  DropdownGroup,
  DropdownItem,
  DropdownList,
  Masthead as PfMasthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  MenuToggle,
  PageToggleButton,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from "@patternfly/react-core";
import BarsIcon from "@patternfly/react-icons/dist/esm/icons/bars-icon";
import MoonIcon from "@patternfly/react-icons/dist/esm/icons/moon-icon";
import SunIcon from "@patternfly/react-icons/dist/esm/icons/sun-icon";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

import { useSession, useSessionContext } from "../api/session";
import logo from "../buoy.svg";
import { languages, setLanguage, type Language } from "../i18n";
import { wordsOf } from "../ui/error-note";
import { useNotice } from "../ui/notices";
import { useTheme } from "./theme";

// Does what was chosen, and says so when that fails.
function useAttempt(): (failed: "switch" | "logout" | "language", work: () => Promise<void>) => void {
  const { t } = useTranslation();
  const tell = useNotice();
  return (failed, work) => {
    work().catch((error: unknown) => {
      tell(t(`failed.${failed}`, { why: wordsOf(error, t("error.advice.unreachable")) }), null, "danger");
    });
  };
}

interface Choice {
  key: string;
  text: string;
  selected?: boolean;
  onSelect: () => void;
}

function Picker({
  label,
  text,
  choices,
  groups,
}: {
  label: string;
  text: ReactNode;
  choices: Choice[];
  groups?: string;
}) {
  const [open, setOpen] = useState(false);
  const list = (
    <DropdownList>
      {choices.map((choice) => (
        <DropdownItem
          key={choice.key}
          isSelected={Boolean(choice.selected)}
          onClick={() => {
            setOpen(false);
            choice.onSelect();
          }}
        >
          {choice.text}
        </DropdownItem>
      ))}
    </DropdownList>
  );
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      isScrollable
      popperProps={{ position: "right" }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plainText" isExpanded={open} onClick={() => setOpen(!open)} aria-label={label}>
          {text}
        </MenuToggle>
      )}
    >
      {groups ? <DropdownGroup label={groups}>{list}</DropdownGroup> : list}
    </Dropdown>
  );
}

export function LanguagePicker() {
  const { t, i18n } = useTranslation();
  const attempt = useAttempt();
  const current = i18n.language as Language;
  const choices = Object.entries(languages).map(([key, text]) => ({
    key,
    text,
    selected: key === current,
    onSelect: () => attempt("language", () => setLanguage(key as Language)),
  }));
  return (
    <Picker
      label={t("shell.language", { language: languages[current] })}
      text={languages[current]}
      choices={choices}
    />
  );
}

export function ThemeButton() {
  const { t } = useTranslation();
  const { dark, setTheme } = useTheme();
  return (
    <Button
      variant="plain"
      aria-label={t(dark ? "shell.lightTheme" : "shell.darkTheme")}
      icon={dark ? <SunIcon /> : <MoonIcon />}
      onClick={() => setTheme(dark ? "light" : "dark")}
    />
  );
}

function ProjectPicker() {
  const { t } = useTranslation();
  const session = useSession();
  const { switchProject } = useSessionContext();
  const attempt = useAttempt();
  const name = session.project?.name ?? t("shell.noProject");
  const choices = session.projects.map((project) => ({
    key: project.id,
    text: project.name,
    selected: project.id === session.project?.id,
    onSelect: () => attempt("switch", () => switchProject(project.id)),
  }));
  return <Picker label={t("shell.project", { name })} text={name} choices={choices} groups={t("shell.projects")} />;
}

function RegionPicker() {
  const { t } = useTranslation();
  const { region, regions } = useSession();
  const choices = regions.map((name) => ({
    key: name,
    text: name,
    selected: name === region,
    onSelect: () => undefined,
  }));
  return (
    <Picker label={t("shell.region", { name: region })} text={region} choices={choices} groups={t("shell.regions")} />
  );
}

function UserMenu() {
  const { t } = useTranslation();
  const { user } = useSession();
  const { logout } = useSessionContext();
  const attempt = useAttempt();
  const choices = [{ key: "logout", text: t("shell.logout"), onSelect: () => attempt("logout", logout) }];
  return <Picker label={t("shell.user", { name: user.name })} text={user.name} choices={choices} />;
}

export function Masthead() {
  const { t } = useTranslation();
  return (
    <PfMasthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton variant="plain" aria-label={t("shell.menu")}>
            <BarsIcon />
          </PageToggleButton>
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={(props) => <Link {...props} to="/" />} className="buoy-logo">
            <img src={logo} alt="" width="28" height="28" /> <span>Buoy</span>
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isFullHeight>
          <ToolbarContent>
            <ToolbarItem>
              <ProjectPicker />
            </ToolbarItem>
            <ToolbarItem>
              <RegionPicker />
            </ToolbarItem>
            <ToolbarItem align={{ default: "alignEnd" }}>
              <LanguagePicker />
            </ToolbarItem>
            <ToolbarItem>
              <ThemeButton />
            </ToolbarItem>
            <ToolbarItem>
              <UserMenu />
            </ToolbarItem>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </PfMasthead>
  );
}
