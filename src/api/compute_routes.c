/* The routes of the compute API. Paths of old, with the project's id behind the version, are routed as these.
 * A table of the router's; what stands in it is documented in compute.h. */
#include "api/compute.h"

#define ROUTE(method, path, fn, flags, resource)                                                             \
	{                                                                                                    \
		HTTP_##method, "/compute/v2.1/" path, fn, flags, FAMILY_COMPUTE, resource, KIND_NONE         \
	}

const struct route compute_routes[] = {
	{HTTP_GET, "/compute", compute_versions, ROUTE_OPEN, FAMILY_COMPUTE, "versions", KIND_NONE},
	{HTTP_GET, "/compute/v2.1", compute_version, ROUTE_OPEN, FAMILY_COMPUTE, "versions", KIND_NONE},

	ROUTE(GET, "servers", compute_servers, 0, "servers"),
	ROUTE(POST, "servers", compute_server_register, ROUTE_WRITE, "servers"),
	ROUTE(GET, "servers/detail", compute_servers_detail, 0, "servers"),
	ROUTE(GET, "servers/{=}", compute_server, 0, "servers"),
	ROUTE(PUT, "servers/{=}", compute_server_update, ROUTE_WRITE, "servers"),
	ROUTE(DELETE, "servers/{=}", compute_server_delete, ROUTE_WRITE, "servers"),
	ROUTE(POST, "servers/{=}/action", compute_server_action, ROUTE_WRITE, "server-actions"),
	ROUTE(GET, "servers/{=}/ips", compute_ips, 0, "ips"),
	ROUTE(GET, "servers/{=}/ips/{=}", compute_ips_of, 0, "ips"),
	ROUTE(GET, "servers/{=}/metadata", compute_metadata, 0, "metadata"),
	ROUTE(POST, "servers/{=}/metadata", compute_metadata_write, ROUTE_WRITE, "metadata"),
	ROUTE(PUT, "servers/{=}/metadata", compute_metadata_write, ROUTE_WRITE, "metadata"),
	ROUTE(GET, "servers/{=}/metadata/{=}", compute_metadata_item, 0, "metadata"),
	ROUTE(PUT, "servers/{=}/metadata/{=}", compute_metadata_item_write, ROUTE_WRITE, "metadata"),
	ROUTE(DELETE, "servers/{=}/metadata/{=}", compute_metadata_item_write, ROUTE_WRITE, "metadata"),
	ROUTE(GET, "servers/{=}/os-interface", compute_interfaces, 0, "os-interface"),
	ROUTE(POST, "servers/{=}/os-interface", compute_interface_attach, ROUTE_WRITE, "os-interface"),
	ROUTE(GET, "servers/{=}/os-interface/{}", compute_interface, 0, "os-interface"),
	ROUTE(DELETE, "servers/{=}/os-interface/{}", compute_interface_detach, ROUTE_WRITE, "os-interface"),
	ROUTE(GET, "servers/{=}/os-instance-actions", compute_nothing_of_server, 0, "os-instance-actions"),
	ROUTE(GET, "servers/{=}/os-volume_attachments", compute_nothing_of_server, 0,
	      "os-volume_attachments"),
	ROUTE(GET, "servers/{=}/os-security-groups", compute_nothing_of_server, 0, "server-security-groups"),
	ROUTE(POST, "servers/{=}/remote-consoles", compute_cannot, ROUTE_WRITE, "remote-consoles"),

	ROUTE(GET, "os-floating-ips", compute_floating_ips, 0, "os-floating-ips"),
	ROUTE(POST, "os-floating-ips", compute_floating_create, ROUTE_WRITE, "os-floating-ips"),
	ROUTE(GET, "os-floating-ips/{}", compute_floating_ip, 0, "os-floating-ips"),
	ROUTE(DELETE, "os-floating-ips/{}", compute_floating_delete, ROUTE_WRITE, "os-floating-ips"),
	ROUTE(GET, "os-floating-ip-pools", compute_pools, 0, "os-floating-ip-pools"),
	ROUTE(GET, "os-floating-ips-bulk", compute_bulk_list, ROUTE_ADMIN, "os-floating-ips-bulk"),
	ROUTE(POST, "os-floating-ips-bulk", compute_bulk_create, ROUTE_ADMIN, "os-floating-ips-bulk"),
	ROUTE(PUT, "os-floating-ips-bulk/delete", compute_bulk_delete, ROUTE_ADMIN, "os-floating-ips-bulk"),
	ROUTE(GET, "os-floating-ips-bulk/{=}", compute_bulk_host, ROUTE_ADMIN, "os-floating-ips-bulk"),

	ROUTE(GET, "limits", compute_limits, 0, "limits"),
	ROUTE(GET, "os-quota-sets/{}", compute_quota, 0, "os-quota-sets"),
	ROUTE(PUT, "os-quota-sets/{}", compute_quota_update, ROUTE_ADMIN, "os-quota-sets"),
	ROUTE(DELETE, "os-quota-sets/{}", compute_quota_reset, ROUTE_ADMIN, "os-quota-sets"),
	ROUTE(GET, "os-quota-sets/{}/detail", compute_quota_detail, 0, "os-quota-sets"),
	ROUTE(GET, "os-quota-sets/{}/defaults", compute_quota_defaults, 0, "os-quota-sets"),
	ROUTE(GET, "os-quota-class-sets/{}", compute_quota_class, 0, "os-quota-class-sets"),
	ROUTE(GET, "os-simple-tenant-usage", compute_usages, ROUTE_ADMIN, "os-simple-tenant-usage"),
	ROUTE(GET, "os-simple-tenant-usage/{}", compute_usage, 0, "os-simple-tenant-usage"),

	ROUTE(GET, "flavors", compute_flavors, 0, "flavors"),
	ROUTE(GET, "flavors/detail", compute_flavors_detail, 0, "flavors"),
	ROUTE(GET, "flavors/{}", compute_flavor, 0, "flavors"),
	ROUTE(GET, "flavors/{}/os-extra_specs", compute_flavor_specs, 0, "flavors"),
	ROUTE(GET, "os-availability-zone", compute_zones, 0, "os-availability-zone"),
	ROUTE(GET, "os-availability-zone/detail", compute_zones_detail, ROUTE_ADMIN, "os-availability-zone"),
	ROUTE(GET, "extensions", compute_extensions, 0, "extensions"),
	ROUTE(GET, "extensions/{}", compute_extension, 0, "extensions"),
	ROUTE(GET, "os-services", compute_services, ROUTE_ADMIN, "os-services"),
	ROUTE(GET, "os-hypervisors", compute_hypervisors, ROUTE_ADMIN, "os-hypervisors"),
	ROUTE(GET, "os-hypervisors/detail", compute_hypervisors_detail, ROUTE_ADMIN, "os-hypervisors"),
	ROUTE(GET, "os-hypervisors/statistics", compute_hypervisor_statistics, ROUTE_ADMIN, "os-hypervisors"),
	ROUTE(GET, "os-hypervisors/{=}", compute_hypervisor, ROUTE_ADMIN, "os-hypervisors"),

	ROUTE(GET, "os-keypairs", compute_nothing, 0, "os-keypairs"),
	ROUTE(POST, "os-keypairs", compute_cannot, ROUTE_WRITE, "os-keypairs"),
	ROUTE(GET, "os-keypairs/{=}", compute_no_such, 0, "os-keypairs"),
	ROUTE(GET, "images", compute_nothing, 0, "images"),
	ROUTE(GET, "images/detail", compute_nothing, 0, "images"),
	ROUTE(GET, "images/{}", compute_no_such, 0, "images"),
	ROUTE(GET, "os-server-groups", compute_nothing, 0, "os-server-groups"),
	ROUTE(GET, "os-security-groups", compute_nothing, 0, "os-security-groups"),
	ROUTE(GET, "os-aggregates", compute_nothing, ROUTE_ADMIN, "os-aggregates"),
	ROUTE(GET, "os-migrations", compute_nothing, ROUTE_ADMIN, "os-migrations"),
	{0},
};
