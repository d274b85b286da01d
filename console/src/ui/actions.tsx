// What can be done with a thing: a menu in its row, buttons on its page, and the dialog that they open.
import { Button, Dropdown, DropdownItem, DropdownList, Flex, MenuToggle } from "@patternfly/react-core";
import EllipsisVIcon from "@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon";
import { createContext, useCallback, useContext, useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

// Where nothing can be changed, no action is offered.
export const ReadOnlyContext = createContext(false);

export interface Action<R> {
  key: string;
  label: string;
  danger?: boolean;
  inRow?: boolean; // a button of its own in a table's row, beside the menu
  when?: (row: R) => boolean; // whether it makes sense for this one; default: always
  dialog: (row: R, close: () => void) => ReactNode;
}

interface MenuProps<R> {
  row: R;
  name: string;
  actions: readonly Action<R>[];
  onChoose: (key: string, row: R) => void;
  wide?: boolean; // a button with words instead of dots
  opens?: boolean; // at once
}

function ActionMenu<R>({ row, name, actions, onChoose, wide, opens }: MenuProps<R>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  // Once the click that brought the menu is over: that one was beside it.
  useEffect(() => {
    const timer = opens ? setTimeout(() => setOpen(true)) : undefined;
    return () => clearTimeout(timer);
  }, [opens]);
  const label = t("action.more", { name });
  const toggle = { onClick: () => setOpen(!open), isExpanded: open, "aria-label": label };
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      shouldFocusToggleOnSelect // where a dialog gives the focus back to
      shouldFocusFirstItemOnOpen
      popperProps={{ position: "right" }}
      toggle={(ref) =>
        wide ? (
          <MenuToggle ref={ref} {...toggle}>
            {t("table.actions")}
          </MenuToggle>
        ) : (
          <MenuToggle ref={ref} {...toggle} variant="plain" icon={<EllipsisVIcon />} />
        )
      }
    >
      <DropdownList>
        {actions.map((action) => (
          <DropdownItem key={action.key} isDanger={Boolean(action.danger)} onClick={() => onChoose(action.key, row)}>
            {action.label}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}

// The dots in a row. A menu costs more than the rest of the row, and few are ever opened: it comes with the first click.
function RowMenu<R>(props: MenuProps<R>) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  if (wanted) return <ActionMenu {...props} opens />;
  return (
    <MenuToggle
      variant="plain"
      icon={<EllipsisVIcon />}
      aria-label={t("action.more", { name: props.name })}
      onClick={() => setWanted(true)}
    />
  );
}

export interface Actions<R> {
  menu: (row: R) => ReactNode; // for DataTable
  buttons: (row: R) => ReactNode[]; // for a page: the first one as a button, the others in a menu
  dialog: ReactNode; // to be put somewhere on the page
}

// `actions` and `nameOf` are to be stable: rows are drawn anew when they change.
export function useActions<R>(actions: readonly Action<R>[], nameOf: (row: R) => string): Actions<R> {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<{ key: string; row: R } | null>(null);
  const choose = useCallback((key: string, row: R) => setChosen({ key, row }), []);
  const close = useCallback(() => setChosen(null), []);
  const readOnly = useContext(ReadOnlyContext);
  const fitting = useCallback(
    (row: R) => (readOnly ? [] : actions.filter(({ when }) => !when || when(row))),
    [actions, readOnly],
  );

  const menu = useCallback(
    (row: R) => {
      const some = fitting(row);
      const own = some.filter(({ inRow }) => inRow);
      const listed = some.filter(({ inRow }) => !inRow);
      const dots = listed.length > 0 && <RowMenu row={row} name={nameOf(row)} actions={listed} onChoose={choose} />;
      if (own.length === 0) return dots;
      return (
        <Flex
          spaceItems={{ default: "spaceItemsNone" }}
          flexWrap={{ default: "nowrap" }}
          justifyContent={{ default: "justifyContentFlexEnd" }}
        >
          {own.map((action) => (
            <Button
              key={action.key}
              size="sm"
              variant="secondary"
              aria-label={t("action.of", { action: action.label, name: nameOf(row) })}
              onClick={() => choose(action.key, row)}
            >
              {action.label}
            </Button>
          ))}
          {dots}
        </Flex>
      );
    },
    [fitting, nameOf, choose, t],
  );
  const buttons = (row: R) => {
    const [first, ...others] = fitting(row);
    const shown: ReactNode[] = [];
    if (first)
      shown.push(
        <Button
          key={first.key}
          variant="secondary"
          isDanger={Boolean(first.danger)}
          onClick={() => choose(first.key, row)}
        >
          {first.label}
        </Button>,
      );
    if (others.length > 0)
      shown.push(<ActionMenu key="others" row={row} name={nameOf(row)} actions={others} onChoose={choose} wide />);
    return shown;
  };
  const action = chosen && actions.find(({ key }) => key === chosen.key);
  return { menu, buttons, dialog: action ? action.dialog(chosen.row, close) : null };
}

interface OpenButtonProps {
  label: string;
  variant?: "primary" | "secondary" | "link";
  inline?: boolean; // within a text
  dialog: (close: () => void) => ReactNode;
}

// A button that opens a dialog which changes something.
export function DialogButton(props: OpenButtonProps) {
  return useContext(ReadOnlyContext) ? null : <OpenButton {...props} />;
}

// A button that opens any dialog.
export function OpenButton({ label, variant = "primary", inline = false, dialog }: OpenButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button variant={variant} isInline={inline} onClick={() => setOpen(true)}>
        {label}
      </Button>
      {open && dialog(() => setOpen(false))}
    </>
  );
}
