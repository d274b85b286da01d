/* The verbs with a meaning of their own, and the nouns of the other table files.
 * Between the tables (nouns_*.c) and the functions (verbs_*.c, plug.c). */
#pragma once
#include "cli/noun.h"

verb_fn fip_associate, fip_disassociate, fip_swap, fip_stats, fip_explain, apply_run;
verb_fn fip_take_back, fip_orphans, transfer_accept;
verb_fn history_show, history_export;
verb_fn router_add_subnet, router_remove_subnet, router_add_port, router_remove_port;
verb_fn router_set_gateway, router_unset_gateway, router_add_gateway, router_remove_gateway;
verb_fn router_add_route, router_remove_route;
verb_fn port_plug, port_unplug;
verb_fn quota_show, quota_set, quota_delete;
verb_fn below_add, below_remove;
verb_fn auto_create, auto_delete;
verb_fn role_add, role_remove;
verb_fn token_issue, token_revoke, catalog_list;
verb_fn status_show, api_call, complete_run, help_run;
verb_fn nova_fip_create, nova_fip_delete, nova_fip_list, nova_fip_pool_list, nova_fip_add, nova_fip_remove;
verb_fn nova_bulk_create, nova_bulk_delete, nova_bulk_list;
verb_fn nova_list, nova_show, nova_boot, nova_delete, nova_interface_list, nova_help;
verb_fn nova_manage_create, nova_manage_delete, nova_manage_list;

/* The project that a command is about: its argument, else that of the log-in. */
int project_of_call(struct cli *cli, const struct call *call, const char **ret, struct err *err);

/* A router's gateway is sent whole: adds its network where only its SNAT or addresses are changed. */
int router_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err);
/* An option without a value is taken away. */
int port_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err);
/* The IP version follows from the CIDR, or from the subnet pool. */
int subnet_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err);
/* An RBAC policy's object may be named; --target-all-projects is "*". */
int rbac_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err);
/* The given prefixes are added to those that the pool has. */
int pool_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err);
/* IPv4 unless something else is given. */
int scope_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err);
/* Asks for the password where --password-prompt is given. */
int user_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body, struct err *err);
/* Roles are sent as objects. */
int application_credential_prepare(struct cli *cli, const struct call *call, const char *id, json_t *body,
				   struct err *err);
/* include_names belongs to every listing of assignments. */
verb_fn role_assignment_list;

extern const struct noun noun_history;
extern const struct noun noun_quarantine, noun_transfer;
extern const struct noun noun_network_rbac, noun_subnet_pool, noun_address_scope;
extern const struct noun noun_user, noun_project, noun_domain, noun_role, noun_role_assignment;
extern const struct noun noun_application_credential, noun_token, noun_catalog;
extern const struct noun noun_status, noun_api, noun_complete, noun_help;
extern const struct noun noun_flavor, noun_service_profile, noun_service_provider;
extern const struct noun noun_agent, noun_zone, noun_fip_pool, noun_ip_availability;
extern const struct noun noun_auto_topology;
extern const struct noun noun_nova, noun_nova_manage;
