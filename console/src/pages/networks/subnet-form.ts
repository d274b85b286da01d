// The fields of a subnet, in the dialog of their own and in that of a new network, and what they become.
import { useTranslation } from "react-i18next";

import type { Attributes } from "../../api/resources";
import type { Subnet } from "../../api/types";
import { useChecks } from "../../resource/words";
import type { Field, Values } from "../../ui/form-dialog";
import { contains } from "../../ui/ip";
import { printRanges, printRoutes, readAddress, readLines, readRange, readRoute, type Lines } from "../../ui/lines";

// The fields of a new subnet, or those of one that is there.
export function useSubnetFields(subnet?: Subnet): Field[] {
  const { t } = useTranslation("networks");
  const check = useChecks();
  const wrongLine =
    <T>(read: (line: string) => T | undefined, words: (line: number) => string) =>
    (value: string) => {
      const { wrong }: Lines<T> = readLines(value, read);
      return wrong === undefined ? undefined : words(wrong);
    };
  const inside = (value: string, all: Values) => {
    const cidr = subnet?.cidr ?? all.cidr ?? "";
    return check.ip(value) ?? (contains(cidr, value.trim()) ? undefined : t("subnet.notInside", { cidr }));
  };
  const cidr: Field = {
    name: "cidr",
    label: t("subnet.cidr"),
    help: t("subnet.cidrHelp"),
    required: true,
    check: check.prefix,
  };
  return [
    { name: "subnetName", label: t("subnet.name"), initial: subnet?.name ?? "" },
    ...(subnet ? [] : [cidr]),
    {
      name: "gateway",
      label: t("subnet.gateway"),
      initial: subnet?.gateway_ip ?? "",
      ...(subnet ? { required: true } : { help: t("subnet.gatewayHelp") }),
      check: inside,
      when: (all) => !all.noGateway,
    },
    {
      name: "noGateway",
      label: t("subnet.noGateway"),
      type: "checkbox",
      initial: subnet && subnet.gateway_ip === null ? "yes" : "",
    },
    {
      name: "dhcp",
      label: t("subnet.dhcp"),
      type: "checkbox",
      initial: !subnet || subnet.enable_dhcp ? "yes" : "",
    },
    {
      name: "pools",
      label: t("subnet.pools"),
      type: "textarea",
      help: t("subnet.poolsHelp"),
      initial: printRanges(subnet?.allocation_pools ?? []),
      check: wrongLine(readRange, (line) => t("subnet.poolsWrong", { line })),
    },
    {
      name: "dns",
      label: t("subnet.dns"),
      type: "textarea",
      help: t("subnet.dnsHelp"),
      initial: (subnet?.dns_nameservers ?? []).join("\n"),
      check: wrongLine(readAddress, (line) => t("subnet.dnsWrong", { line })),
    },
    {
      name: "routes",
      label: t("subnet.routes"),
      type: "textarea",
      help: t("subnet.routesHelp"),
      initial: printRoutes(subnet?.host_routes ?? []),
      check: wrongLine(readRoute, (line) => t("subnet.routesWrong", { line })),
    },
  ];
}

// What a dialog with those fields asks of the API. An empty gateway or no ranges: the server chooses them.
export function subnetAttributes(values: Values): Attributes {
  const gateway = values.noGateway ? null : (values.gateway ?? "").trim();
  const pools = readLines(values.pools ?? "", readRange).items;
  const cidr = values.cidr?.trim();
  return {
    name: values.subnetName ?? "",
    ...(cidr !== undefined && { cidr, ip_version: cidr.includes(":") ? 6 : 4 }),
    ...(gateway !== "" && { gateway_ip: gateway }),
    enable_dhcp: Boolean(values.dhcp),
    ...(pools.length > 0 && { allocation_pools: pools }),
    dns_nameservers: readLines(values.dns ?? "", readAddress).items,
    host_routes: readLines(values.routes ?? "", readRoute).items,
  };
}
