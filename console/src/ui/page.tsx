// The frame of a page: heading, what to do here, content. Sets the document's title.
import { ActionList, ActionListItem, Content, Flex, FlexItem, PageSection, Title } from "@patternfly/react-core";
import { Children, useEffect, type ReactNode } from "react";

export interface FrameProps {
  title: string;
  description?: ReactNode;
  actions?: ReactNode; // buttons beside the heading
  children: ReactNode;
}

export function Frame({ title, description, actions, children }: FrameProps) {
  useEffect(() => {
    document.title = `${title} · Buoy`;
  }, [title]);
  return (
    <>
      <PageSection>
        <Flex justifyContent={{ default: "justifyContentSpaceBetween" }}>
          <FlexItem>
            <Title headingLevel="h1" id="page-title" tabIndex={-1}>
              {title}
            </Title>
            {description && <Content component="p">{description}</Content>}
          </FlexItem>
          {actions && (
            <ActionList>
              {Children.map(actions, (action) => (
                <ActionListItem>{action}</ActionListItem>
              ))}
            </ActionList>
          )}
        </Flex>
      </PageSection>
      <PageSection isFilled>{children}</PageSection>
    </>
  );
}
