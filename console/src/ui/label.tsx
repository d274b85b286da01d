// A small framed word: a state, a tag. It looks like PatternFly's label, which measures itself and listens to every key
// and click of the page; a table has hundreds of them.
import "@patternfly/react-styles/css/components/Label/label.css";
import type { ReactNode } from "react";

export interface LabelProps {
  look?: "success" | "danger" | "info" | "warning"; // default: grey
  icon?: ReactNode;
  children: ReactNode;
}

export function Label({ look, icon, children }: LabelProps) {
  return (
    <span className={`pf-v6-c-label pf-m-outline pf-m-compact ${look ? `pf-m-${look}` : ""}`}>
      <span className="pf-v6-c-label__content">
        {icon && <span className="pf-v6-c-label__icon">{icon}</span>}
        <span className="pf-v6-c-label__text">{children}</span>
      </span>
    </span>
  );
}
