// The way in.
import {
  ActionGroup,
  Brand,
  Button,
  Form,
  FormGroup,
  Login as LoginFrame,
  LoginHeader,
  LoginMainBody,
  LoginMainFooter,
  LoginMainHeader,
  TextInput,
  Title,
} from "@patternfly/react-core";
import { useEffect, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/client";
import { useSessionContext } from "../api/session";
import logo from "../buoy.svg";
import { LanguagePicker, ThemeButton } from "./masthead";
import { Alert } from "../ui/alert";

export function Login() {
  const { t } = useTranslation();
  const { login, ended } = useSessionContext();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [domain, setDomain] = useState("Default");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);

  useEffect(() => {
    document.title = `${t("login.title")} · Buoy`;
  }, [t]);

  const send = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await login({ username, password, domain });
    } catch (problem) {
      setError(problem instanceof ApiError ? problem : new ApiError(String(problem), 0, "", ""));
      if (problem instanceof ApiError && problem.status === 401) setPassword("");
      setBusy(false);
    }
  };

  const words = error && (error.status === 401 ? t("login.wrong") : error.message || t("error.advice.unreachable"));
  return (
    <LoginFrame header={<LoginHeader headerBrand={<Brand src={logo} alt="Buoy" />} />}>
      <LoginMainHeader>
        <Title headingLevel="h1" size="3xl">
          {t("login.title")}
        </Title>
        <p className="pf-v6-c-login__main-header-desc">{t("login.subtitle")}</p>
      </LoginMainHeader>
      <LoginMainBody>
        <Form onSubmit={(event) => void send(event)}>
          {ended && !error && <Alert variant="info" isInline component="p" title={t("login.ended")} />}
          {words && <Alert variant="danger" isInline isLiveRegion component="p" title={words} />}
          <FormGroup label={t("login.username")} fieldId="username" isRequired>
            <TextInput
              id="username"
              autoComplete="username"
              autoFocus
              isRequired
              value={username}
              onChange={(_event, value) => setUsername(value)}
            />
          </FormGroup>
          <FormGroup label={t("login.password")} fieldId="password" isRequired>
            <TextInput
              id="password"
              type="password"
              autoComplete="current-password"
              isRequired
              value={password}
              onChange={(_event, value) => setPassword(value)}
            />
          </FormGroup>
          <FormGroup label={t("login.domain")} fieldId="domain">
            <TextInput id="domain" value={domain} onChange={(_event, value) => setDomain(value)} />
          </FormGroup>
          <ActionGroup>
            <Button type="submit" isBlock isLoading={busy} isDisabled={busy || !username || !password}>
              {t("login.submit")}
            </Button>
          </ActionGroup>
        </Form>
      </LoginMainBody>
      <LoginMainFooter
        socialMediaLoginContent={
          <>
            <li>
              <LanguagePicker />
            </li>
            <li>
              <ThemeButton />
            </li>
          </>
        }
      />
    </LoginFrame>
  );
}
