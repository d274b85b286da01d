// "Change Associations": several floating IPs get other ports, or none, in one step.
import {
  FormHelperText,
  FormSelect,
  FormSelectOption,
  HelperText,
  HelperTextItem,
  Skeleton,
  Title,
} from "@patternfly/react-core";
import { Table, Tbody, Td, Th, Thead, Tr } from "@patternfly/react-table";
import { memo, useId } from "react";
import { useTranslation } from "react-i18next";

import type { FloatingIp } from "../../api/types";
import { ChangeDialog } from "../../resource/dialogs";
import { ErrorNote } from "../../ui/error-note";
import { ConfirmDialog, type Option } from "../../ui/form-dialog";
import { keyOf } from "./change-set";
import { MoveTable, usePlace } from "./move-table";
import { useMoves, type Moves } from "./use-moves";

interface LineProps {
  fip: FloatingIp;
  present: string;
  options: readonly Option[];
  value: string;
  problem: string | undefined;
  onChange: (id: string, value: string) => void;
}

const Line = memo(function Line({ fip, present, options, value, problem, onChange }: LineProps) {
  const { t } = useTranslation("floatingips");
  const helpId = useId();
  const wrong = problem !== undefined;
  return (
    <Tr>
      <Td dataLabel={t("address")}>
        <span className="buoy-address">{fip.floating_ip_address}</span>
      </Td>
      <Td dataLabel={t("move.present")} modifier="breakWord">
        {present}
      </Td>
      <Td dataLabel={t("move.new")}>
        <FormSelect
          aria-label={t("move.newOf", { address: fip.floating_ip_address })}
          aria-invalid={wrong}
          validated={wrong ? "error" : "default"}
          {...(wrong && { "aria-describedby": helpId })}
          value={value}
          onChange={(_event, next) => onChange(fip.id, next)}
        >
          {options.map((option) => (
            <FormSelectOption key={option.value} {...option} />
          ))}
        </FormSelect>
        {wrong && (
          <FormHelperText>
            <HelperText id={helpId}>
              <HelperTextItem variant="error">{problem}</HelperTextItem>
            </HelperText>
          </FormHelperText>
        )}
      </Td>
    </Tr>
  );
});

function Choices({ moves }: { moves: Moves }) {
  const { t } = useTranslation("floatingips");
  const place = usePlace();
  return (
    <Table aria-label={t("move.title")} variant="compact" gridBreakPoint="grid-md">
      <Thead>
        <Tr>
          <Th>{t("address")}</Th>
          <Th>{t("move.present")}</Th>
          <Th>{t("move.new")}</Th>
        </Tr>
      </Thead>
      <Tbody>
        {moves.all.map((move) => (
          <Line
            key={move.fip.id}
            fip={move.fip}
            present={place(move.fip)}
            options={moves.optionsOf(move.fip)}
            value={keyOf(move.goal)}
            problem={moves.problemOf(move)}
            onChange={moves.choose}
          />
        ))}
      </Tbody>
    </Table>
  );
}

function Preview({ moves: { changes, optionsOf } }: { moves: Moves }) {
  const { t } = useTranslation("floatingips");
  const place = usePlace();
  const rows = changes.map(({ fip, goal }) => ({
    fip,
    before: place(fip),
    after: optionsOf(fip).find(({ value }) => value === keyOf(goal))?.label ?? t("move.none"),
  }));
  return (
    <section>
      <Title headingLevel="h2" size="md">
        {t("move.preview")}
      </Title>
      {rows.length === 0 ? <p>{t("move.nothing")}</p> : <MoveTable label={t("move.preview")} rows={rows} />}
    </section>
  );
}

interface Props {
  fips: readonly FloatingIp[];
  onClose: () => void;
}

function MoveSome({ fips, onClose }: Props) {
  const { t } = useTranslation("floatingips");
  const moves = useMoves(fips);
  const { ground, error, retry } = moves.around;
  return (
    <ChangeDialog
      title={t("move.title")}
      description={t("move.help")}
      fields={[]}
      submit={t("move.submit")}
      blocked={moves.blocked}
      wide
      change={moves.send}
      notice={t("move.done", { count: moves.changes.length })}
      onClose={onClose}
    >
      {error ? <ErrorNote error={error} retry={retry} /> : null}
      {!ground && !error ? <Skeleton screenreaderText={t("common:loading")} height="8rem" /> : null}
      {ground && (
        <>
          <Choices moves={moves} />
          <Preview moves={moves} />
        </>
      )}
    </ChangeDialog>
  );
}

// Elements for more would be slow to draw, and nobody would fill them in.
const most = 50;

export default function MoveDialog({ fips, onClose }: Props) {
  const { t } = useTranslation("floatingips");
  const projects = new Set(fips.map(({ project_id }) => project_id));
  const hurdle = projects.size > 1 ? t("move.oneProject") : fips.length > most ? t("move.most", { most }) : undefined;
  if (hurdle === undefined) return <MoveSome fips={fips} onClose={onClose} />;
  return (
    <ConfirmDialog
      title={t("move.title")}
      description={hurdle}
      submit={t("move.submit")}
      blocked
      onSubmit={() => Promise.resolve()}
      onClose={onClose}
    />
  );
}
