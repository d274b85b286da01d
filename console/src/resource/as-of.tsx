// "As of ...": pages of the network API as they were. A button beside their heading chooses the time; a banner below it
// says so, and leads back.
import { Button } from "@patternfly/react-core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { AsOfContext, setAsOf, useChosenTime } from "../api/as-of";
import { request } from "../api/client";
import { useOffered } from "../api/extensions";
import { Alert } from "../ui/alert";
import { FormDialog } from "../ui/form-dialog";
import { dateTime } from "../ui/format";
import { OpenButton, ReadOnlyContext } from "../ui/actions";
import { FrameContext } from "../ui/page";
import { localField, useTimeCheck } from "./times";

// Asks for one network of that time: what the server says against it is said in the dialog.
async function probe(time: string): Promise<void> {
  await request("GET", `/v2.0/networks?limit=1&fields=id&as_of=${encodeURIComponent(time)}`);
}

// The button that was pressed goes with the choice: the focus goes to where the page begins.
function go(time: string | null): void {
  setAsOf(time);
  setTimeout(() => document.getElementById("page-title")?.focus());
}

function AsOfDialog({ chosen, onClose }: { chosen: string | null; onClose: () => void }) {
  const { t } = useTranslation("time");
  const { check, iso } = useTimeCheck();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <FormDialog
      title={t("asOf.title")}
      description={t("asOf.help")}
      fields={[
        {
          name: "time",
          label: t("asOf.time"),
          type: "datetime-local",
          required: true,
          initial: localField(chosen ? new Date(chosen) : new Date()),
          help: t("asOf.timeHelp", { zone }),
          check,
        },
      ]}
      submit={t("asOf.show")}
      onSubmit={async ({ time = "" }) => {
        await probe(iso(time));
        go(iso(time));
      }}
      onClose={onClose}
    />
  );
}

function AsOfButton({ chosen, inline }: { chosen: string | null; inline?: boolean }) {
  const { t } = useTranslation("time");
  return (
    <OpenButton
      variant={inline ? "link" : "secondary"}
      inline={Boolean(inline)}
      label={inline ? t("asOf.change") : t("asOf.ask")}
      dialog={(close) => <AsOfDialog chosen={chosen} onClose={close} />}
    />
  );
}

function Banner({ time }: { time: string }) {
  const { t, i18n } = useTranslation("time");
  return (
    <Alert
      variant="warning"
      isInline
      isLiveRegion
      component="h2"
      className="buoy-section"
      title={t("asOf.banner", { time: dateTime(time, i18n.language) })}
      actionLinks={
        <>
          <Button variant="link" isInline onClick={() => go(null)}>
            {t("asOf.back")}
          </Button>
          <AsOfButton chosen={time} inline />
        </>
      }
    >
      {t("asOf.bannerHelp")}
    </Alert>
  );
}

export function AsOfPages({ children }: { children: ReactNode }) {
  const offered = useOffered()("buoy-time-travel");
  const chosen = useChosenTime();
  const time = offered ? chosen : null;
  const frame = {
    button: offered && time === null ? <AsOfButton chosen={null} /> : null,
    banner: time === null ? null : <Banner time={time} />,
  };
  return (
    <AsOfContext.Provider value={time}>
      <ReadOnlyContext.Provider value={time !== null}>
        <FrameContext.Provider value={frame}>{children}</FrameContext.Provider>
      </ReadOnlyContext.Provider>
    </AsOfContext.Provider>
  );
}
