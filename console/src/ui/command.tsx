// A command line to be copied. Where the page has no clipboard of its own (plain HTTP), the browser's old way serves.
import { ClipboardCopy } from "@patternfly/react-core";
import { useTranslation } from "react-i18next";

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    const before = document.activeElement;
    area.value = text;
    area.className = "buoy-offscreen";
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    if (before instanceof HTMLElement) before.focus();
  }
}

export function Command({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation("resource");
  return (
    <ClipboardCopy
      isReadOnly
      isCode
      hoverTip={t("copy")}
      clickTip={t("copied")}
      copyAriaLabel={`${t("copy")}: ${label}`}
      textAriaLabel={label}
      onCopy={() => void copy(text)}
    >
      {text}
    </ClipboardCopy>
  );
}
