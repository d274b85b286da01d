/* `nova` and `nova-manage`: their subcommands and options as their users know them.
 * Rows for noun.h's tables; no logic. */
#include "cli/nouns.h"
#include "cli/nova.h"

static const struct arg server_arg[] = {{"<server>"}, {0}};
static const struct arg servers_arg[] = {{"<server>", .many = true}, {0}};
static const struct arg server_address_args[] = {{"<server>"}, {"<address>"}, {0}};
static const struct arg address_arg[] = {{"<address>"}, {0}};
static const struct arg pool_arg[] = {{"<floating-ip-pool>", .optional = true}, {0}};
static const struct arg range_arg[] = {{"<range>"}, {0}};
static const struct arg name_arg[] = {{"<name>"}, {0}};
static const struct arg command_arg[] = {{"<subcommand>", .optional = true}, {0}};

static const struct opt fixed_opts[] = {
	{"fixed-address", "<fixed_address>", "Fixed IP to associate it with, where the server has several"},
	{0},
};
static const struct opt host_opts[] = {{"host", "<host>", "Only those in use on this node"}, {0}};
static const struct opt bulk_opts[] = {
	{"pool", "<pool>", "Pool that gets the addresses (default: the server's)"},
	{"interface", "<interface>", "Interface that they are on (default: the server's)"},
	{0},
};
static const struct opt list_opts[] = {
	{"name", "<name-regexp>", "Only servers with names like this"},
	{"status", "<status>", "Only servers in this state"},
	{"ip", "<ip-regexp>", "Only servers with an address like this"},
	{"ip6", "<ip6-regexp>", "Only servers with an IPv6 address like this"},
	{"host", "<hostname>", "Only servers on this node"},
	{"flavor", "<flavor>", "Only servers of this flavor"},
	{"image", "<image>", "Only servers of this image"},
	{"instance-name", "<name-regexp>", "Only servers with instance names like this"},
	{"reservation-id", "<reservation-id>", "Only servers of this reservation"},
	{"all-tenants", "[0|1]", "Servers of all projects, for administrators"},
	{"tenant", "<tenant>", "Only servers of this project, for administrators"},
	{0},
};
static const struct opt minimal_opts[] = {
	{"minimal", NULL, "Do not look up flavor and image"},
	{0},
};
static const struct opt boot_opts[] = {
	{"nic", "<net-id=net-uuid,v4-fixed-ip=ip-addr,port-id=port-uuid>",
	 "Make a port on this network, or take one that exists; once for each", .repeat = true},
	{"flavor", "<flavor>", "Flavor that is shown; any text"},
	{"image", "<image>", "Image that is shown; any text"},
	{"meta", "<key=value>", "Record this with the server", .repeat = true},
	{"key-name", "<key-name>", "Name of the key pair that is shown"},
	{"availability-zone", "<availability-zone>", "Name of the zone that is shown"},
	{"poll", NULL, "For scripts that say so: a server is active at once"},
	{0},
};

static const struct verb nova_verbs[] = {
	{"floating-ip-create", "Allocate a %s for your project", pool_arg, .run = nova_fip_create},
	{"floating-ip-delete", "Give a %s back to its pool", address_arg, .run = nova_fip_delete},
	{"floating-ip-list", "List the %ss of your project", .run = nova_fip_list},
	{"floating-ip-pool-list", "List the pools that a %s can come from", .run = nova_fip_pool_list},
	{"add-floating-ip", "Give a server a %s", server_address_args, fixed_opts, .run = nova_fip_add},
	{"remove-floating-ip", "Take a %s away from a server", server_address_args, .run = nova_fip_remove},
	{"floating-ip-associate", "The later name of add-floating-ip", server_address_args, fixed_opts,
	 .run = nova_fip_add},
	{"floating-ip-disassociate", "The later name of remove-floating-ip", server_address_args,
	 .run = nova_fip_remove},
	{"list", "List the servers of your project", .opts = list_opts, .run = nova_list},
	{"show", "Show a server", server_arg, minimal_opts, .run = nova_show},
	{"boot", "Register a server and make its ports; it boots nothing", name_arg, boot_opts,
	 .run = nova_boot},
	{"delete", "Forget servers, with the ports that were made for them; this stops nothing", servers_arg,
	 .run = nova_delete},
	{"interface-list", "List the ports of a server", server_arg, .run = nova_interface_list},
	{"floating-ip-bulk-create", "Give a pool the addresses of a range, for administrators", range_arg,
	 bulk_opts, .run = nova_bulk_create},
	{"floating-ip-bulk-delete", "Take the addresses of a range away again, for administrators", range_arg,
	 .run = nova_bulk_delete},
	{"floating-ip-bulk-list", "List the addresses of all pools, for administrators", .opts = host_opts,
	 .run = nova_bulk_list},
	{"help", "Show this, or the help of a subcommand", command_arg, .run = nova_help, .local = true},
	{0},
};

/* What novaclient took before its subcommand, where it means something or is harmless here. */
static const struct opt nova_common[] = {
	{"os-tenant-name", "VALUE", "--os-project-name"},
	{"os-tenant-id", "VALUE", "--os-project-id"},
	{"endpoint-type", "VALUE", "--os-interface"},
	{"bypass-url", "VALUE", "--os-compute-endpoint-override"},
	{"os-compute-api-version", "VALUE", "ignored: it is 2.1 that is spoken"},
	{"service-type", "VALUE", "ignored"},
	{"no-cache", NULL, "ignored: nothing is cached"},
	{"os-cache", NULL, "ignored: nothing is cached"},
	{0},
};

static const char *const nova_examples[] = {
	"buoy nova floating-ip-create",
	"buoy nova add-floating-ip 6618a76e-a1d3-4912-a71f-42dc3daf893b 10.200.3.2",
	"buoy nova remove-floating-ip web1 10.200.3.2",
	"buoy nova boot --nic net-id=4d71b9d4-9d4c-4cba-8cb4-0ae6c9cb0d0b,v4-fixed-ip=10.200.2.5 web1",
	NULL,
};
const struct noun noun_nova = {
	.name = "nova",
	.title = "floating IP",
	.service = SERVICE_COMPUTE,
	.own = nova_verbs,
	.common = nova_common,
	.dialect = &nova_dialect,
	.examples = nova_examples,
	.about = "What novaclient has for floating IPs: same options, same tables, same refusals.\n"
		 "A server is whatever owns ports. 'boot' makes its ports and boots nothing: the workload\n"
		 "is started by somebody else, with the addresses and MACs of these ports.\n"
		 "A link to buoy that is named nova is this command.",
};

static const struct arg create_args[] = {
	{"<range>", .optional = true}, {"<pool>", .optional = true}, {"<interface>", .optional = true}, {0}};
static const struct arg delete_args[] = {{"<range>", .optional = true}, {0}};
static const struct arg list_args[] = {{"<host>", .optional = true}, {0}};
static const struct opt create_opts[] = {
	{"ip_range", "<range>", "One address, or a network: its hosts"},
	{"pool", "<pool>", "Pool that gets them (default: the server's)"},
	{"interface", "<interface>", "Interface that they are on (default: the server's)"},
	{0},
};
static const struct opt delete_opts[] = {
	{"ip_range", "<range>", "One address, or a network: its hosts"},
	{0},
};
static const struct verb manage_verbs[] = {
	{"floating create", "Give a pool the addresses of a range", create_args, create_opts,
	 .run = nova_manage_create},
	{"floating delete", "Take the addresses of a range away again", delete_args, delete_opts,
	 .run = nova_manage_delete},
	{"floating list", "List the addresses of all pools: project, address, instance, pool, interface",
	 list_args, host_opts, .run = nova_manage_list},
	{0},
};
static const char *const manage_examples[] = {
	"buoy nova-manage floating create --ip_range=10.200.3.0/24",
	"buoy nova-manage floating list",
	"buoy nova-manage floating delete --ip_range=10.200.3.7",
	NULL,
};
const struct noun noun_nova_manage = {
	.name = "nova-manage",
	.title = "floating IP",
	.service = SERVICE_COMPUTE,
	.own = manage_verbs,
	.common = nova_common,
	.dialect = &nova_manage_dialect,
	.examples = manage_examples,
	.about =
		"What nova-manage has for floating IPs. It works over the network, as an administrator:\n"
		"the credentials are those of every other command. A link named nova-manage is this command.",
};
