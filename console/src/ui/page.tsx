// The frame of a page: heading, what to do here, content. Sets the document's title.
import {
  ActionList,
  ActionListGroup,
  ActionListItem,
  Breadcrumb,
  BreadcrumbItem,
  Content,
  Flex,
  FlexItem,
  PageSection,
  Title,
} from "@patternfly/react-core";
import { Children, createContext, useContext, useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";

export interface FrameProps {
  above?: { to: string; text: string }; // the list that the page belongs to
  title: string;
  description?: ReactNode;
  actions?: ReactNode; // buttons beside the heading
  children: ReactNode;
}

// What all pages of a kind have beside their heading and above their content.
export const FrameContext = createContext<{ button: ReactNode; banner: ReactNode }>({ button: null, banner: null });

export function Frame({ above, title, description, actions, children }: FrameProps) {
  const { t } = useTranslation();
  const { button, banner } = useContext(FrameContext);
  useEffect(() => {
    document.title = `${title} · Buoy`;
  }, [title]);
  return (
    <>
      {above && (
        <PageSection type="breadcrumb">
          <Breadcrumb aria-label={t("resource:path")}>
            <BreadcrumbItem
              render={({ className }) => (
                <Link to={above.to} className={className}>
                  {above.text}
                </Link>
              )}
            />
            <BreadcrumbItem isActive>{title}</BreadcrumbItem>
          </Breadcrumb>
        </PageSection>
      )}
      <PageSection>
        <Flex justifyContent={{ default: "justifyContentSpaceBetween" }}>
          <FlexItem>
            <Title headingLevel="h1" id="page-title" tabIndex={-1}>
              {title}
            </Title>
            {description && <Content component="p">{description}</Content>}
          </FlexItem>
          {(actions || button) && (
            <ActionList className="buoy-page-actions">
              <ActionListGroup>
                {Children.map(actions, (action) => (
                  <ActionListItem>{action}</ActionListItem>
                ))}
                {button && <ActionListItem>{button}</ActionListItem>}
              </ActionListGroup>
            </ActionList>
          )}
        </Flex>
      </PageSection>
      <PageSection isFilled>
        {banner}
        {children}
      </PageSection>
    </>
  );
}
