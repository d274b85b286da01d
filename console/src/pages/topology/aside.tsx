// Where details stand: in a drawer beside the picture, on a phone below it.
import {
  Button,
  Drawer,
  DrawerActions,
  DrawerCloseButton,
  DrawerContent,
  DrawerContentBody,
  DrawerHead,
  DrawerPanelBody,
  DrawerPanelContent,
  Title,
} from "@patternfly/react-core";
import TimesIcon from "@patternfly/react-icons/dist/esm/icons/times-icon";
import { useSyncExternalStore, type KeyboardEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

const wide = () => window.matchMedia("(min-width: 62rem)");

function subscribe(listener: () => void): () => void {
  const query = wide();
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

export const asideTitleId = "topology-aside";

export interface AsideProps {
  title: string | null; // null: closed
  aside: ReactNode;
  onClose: () => void;
  children: ReactNode;
}

function Head({ title }: { title: string }) {
  return (
    <Title headingLevel="h2" id={asideTitleId} tabIndex={-1}>
      {title}
    </Title>
  );
}

export function Aside({ title, aside, onClose, children }: AsideProps) {
  const { t } = useTranslation();
  const beside = useSyncExternalStore(subscribe, () => wide().matches);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
  };
  if (!beside)
    return (
      <>
        {children}
        {title !== null && (
          <section aria-labelledby={asideTitleId} className="buoy-topology-below" onKeyDown={onKeyDown}>
            <div className="buoy-topology-below-head">
              <Head title={title} />
              <Button variant="plain" aria-label={t("action.close")} icon={<TimesIcon />} onClick={onClose} />
            </div>
            {aside}
          </section>
        )}
      </>
    );
  // PatternFly says inert="", which React takes for false.
  const panel = (
    <DrawerPanelContent
      defaultSize="25rem"
      minSize="20rem"
      inert={title === null}
      onKeyDown={onKeyDown}
      aria-labelledby={asideTitleId}
    >
      <DrawerHead>
        <Head title={title ?? ""} />
        <DrawerActions>
          <DrawerCloseButton onClose={onClose} aria-label={t("action.close")} />
        </DrawerActions>
      </DrawerHead>
      <DrawerPanelBody>{aside}</DrawerPanelBody>
    </DrawerPanelContent>
  );
  return (
    <Drawer isInline isExpanded={title !== null} className="buoy-topology-drawer">
      <DrawerContent panelContent={panel}>
        <DrawerContentBody className="buoy-topology-main">{children}</DrawerContentBody>
      </DrawerContent>
    </Drawer>
  );
}
