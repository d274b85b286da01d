// What is shown in place of a page that can not be drawn: mostly one whose file is gone since buoyd was upgraded, or
// could not be fetched.
import { Button, EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core";
import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

function Broken() {
  const { t } = useTranslation();
  return (
    <EmptyState titleText={t("broken.title")} headingLevel="h1" status="danger">
      <EmptyStateBody>{t("broken.body")}</EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions>
          <Button onClick={() => window.location.reload()}>{t("broken.reload")}</Button>
        </EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}

interface Props {
  at?: string; // where that is: somewhere else it is tried again
  children: ReactNode;
}

export class Boundary extends Component<Props, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override componentDidUpdate(before: Props) {
    if (this.state.broken && before.at !== this.props.at) this.setState({ broken: false });
  }

  override render() {
    return this.state.broken ? <Broken /> : this.props.children;
  }
}
