/* Every resource, one row per attribute: the schema itself. Included by schema.h; read its comments first.
 *
 * A(S, ctype, member, "name", TYPE, flags, further members of struct attr...) declares a member of struct S
 * and its row; H(S, member, ...) is a row for a member that struct row has already, or for a computed
 * attribute. */
#pragma once

/* Tables, laid out by hand. */
/* clang-format off */

/* --- items of lists, objects --- */

#define SHAPE_TEXT(A, H, S) A(S, const char *, text, "", STR, A_RW, .max = 255)
#define SHAPE_TAG(A, H, S) A(S, const char *, text, "", STR, A_RW, .min = 1, .max = 255)
#define SHAPE_ADDRESS(A, H, S) A(S, struct ip, ip, "", IP, A_RW | A_REQ)
#define SHAPE_REF(A, H, S) A(S, struct uuid, id, "", UUID, A_RW | A_REQ)
#define SHAPE_HEXREF(A, H, S) A(S, struct uuid, id, "", HEXID, A_RW | A_REQ)

#define SHAPE_NIC(A, H, S)                                                                              \
	A(S, struct uuid, port_id, "port_id", UUID, A_RW | A_REQ, .doc = "The port")                     \
	A(S, bool, made, "made", BOOL, A_RW, .doc = "Whether it was made for the server and goes with it") \
	A(S, const char *, tag, "tag", STR, A_RW | A_NULL, .doc = "What the server calls it")

#define SHAPE_FIXED_IP(A, H, S)                                                                                   \
	A(S, struct uuid, subnet_id, "subnet_id", UUID, A_RW, .ref = KIND_SUBNET, .doc = "Subnet of the address") \
	A(S, struct ip, ip_address, "ip_address", IP, A_RW, .doc = "The address")

#define SHAPE_POOL(A, H, S)                                                                       \
	A(S, struct ip, start, "start", IP, A_RW | A_REQ, .doc = "First address of the range") \
	A(S, struct ip, end, "end", IP, A_RW | A_REQ, .doc = "Last address of the range")

#define SHAPE_PREFIX(A, H, S) A(S, struct cidr, cidr, "", CIDR, A_RW | A_REQ)

#define SHAPE_ROUTE(A, H, S)                                                                            \
	A(S, struct cidr, destination, "destination", CIDR, A_RW | A_REQ, .doc = "Destination network") \
	A(S, struct ip, nexthop, "nexthop", IP, A_RW | A_REQ, .doc = "Next hop")

/* ip_address is one address or a prefix. */
#define SHAPE_PAIR(A, H, S)                                                                                  \
	A(S, const char *, ip_address, "ip_address", STR, A_RW | A_REQ, .doc = "Address or prefix")      \
	A(S, struct mac, mac_address, "mac_address", MAC, A_RW, .doc = "MAC address (default: the port's)")

#define SHAPE_DHCP_OPT(A, H, S)                                                                            \
	A(S, const char *, opt_name, "opt_name", STR, A_RW | A_REQ, .min = 1, .max = 64,               \
	  .doc = "Name or number of the option")                                                       \
	A(S, const char *, opt_value, "opt_value", STR, A_RW | A_REQ | A_NULL, .doc = "Its value; null takes it away") \
	A(S, int64_t, ip_version, "ip_version", INT, A_RW, .def = "4", .min = 4, .max = 6, .doc = "4")

#define SHAPE_GATEWAY(A, H, S)                                                                             \
	A(S, struct uuid, network_id, "network_id", UUID, A_RW | A_REQ, .ref = KIND_NETWORK,            \
	  .doc = "External network")                                                                  \
	A(S, bool, enable_snat, "enable_snat", BOOL, A_RW, .def = "true",                               \
	  .doc = "Whether instances without a floating IP leave with the gateway's address")         \
	A(S, struct list, external_fixed_ips, "external_fixed_ips", LIST, A_RW, .item = &shape_fixed_ip, \
	  .doc = "Addresses of the gateway")                                                          \
	A(S, struct uuid, qos_policy_id, "qos_policy_id", UUID, A_RW | A_NULL, .ref = KIND_QOS_POLICY,   \
	  .doc = "QoS policy that limits what leaves with the gateway's address")

/* As a router keeps those after its first one. */
#define SHAPE_ROUTER_GATEWAY(A, H, S)                                                                      \
	SHAPE_GATEWAY(A, H, S)                                                                          \
	A(S, struct uuid, port_id, "port_id", UUID, A_RW, .doc = "Its port")                            \
	A(S, int64_t, number, "number", INT, A_RW, .doc = "Its routing table, and its packets' mark")

/* Bodies of add_external_gateways and the like, and the attribute external_gateways. */
#define SHAPE_GATEWAY_LIST(A, H, S)                                                                        \
	A(S, struct list, external_gateways, "external_gateways", LIST, A_RW, .item = &shape_gateway, .max = 8, \
	  .doc = "Gateways to external networks")

/* --- what every network resource has --- */

#define ROW_ID(A, H, S) H(S, row.id, "id", UUID, A_FS, .doc = "Id")
#define ROW_OWNER(A, H, S)                                                                               \
	A(S, const char *, project_id, "project_id", STR, A_POST | A_FS, .alias = "tenant_id",        \
	  .doc = "Project that owns it")
#define ROW_STANDARD_TAGS(A, H, S, when)                                                                                    \
	A(S, const char *, description, "description", STR, A_RW | A_FS, .def = "\"\"", .doc = "Free text")  \
	A(S, struct list, tags, "tags", LIST, when, .item = &shape_tag, .max = 50, .doc = "Tags")             \
	H(S, row.created_at, "created_at", TIME, A_FS, .doc = "When it was made")                           \
	H(S, row.updated_at, "updated_at", TIME, A_FS, .doc = "When it was last changed")                   \
	H(S, row.revision_number, "revision_number", INT, A_FS, .doc = "Counts its changes")
#define ROW_STANDARD(A, H, S) ROW_STANDARD_TAGS(A, H, S, 0)
#define ROW_NAME(A, H, S) A(S, const char *, name, "name", STR, A_RW | A_FS, .def = "\"\"", .doc = "Name")
#define ROW_ADMIN_STATE(A, H, S)                                                                     \
	A(S, bool, admin_state_up, "admin_state_up", BOOL, A_RW | A_FS, .def = "true",            \
	  .doc = "Whether it is switched on")
#define ROW_ZONES(A, H, S, what)                                                                                    \
	A(S, struct list, availability_zone_hints, "availability_zone_hints", LIST, A_POST, .item = &shape_text,     \
	  .max = 10, .doc = "Zones that its " what " may be in")                                             \
	H(S, row, "availability_zones", JSON, A_COMPUTED, .doc = "Zones that its " what " is in")
#define ROW_STATUS(A, H, S) H(S, row, "status", STR, A_COMPUTED | A_FILTER, .doc = "ACTIVE, DOWN or ERROR")

/* --- network API --- */

#define SHAPE_NETWORK(A, H, S)                                                                                     \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S) ROW_ADMIN_STATE(A, H, S) ROW_STATUS(A, H, S)                                  \
	A(S, bool, shared, "shared", BOOL, A_RW | A_FS | A_ADMIN | A_VIEWED, .def = "false",                     \
	  .doc = "Seen by all projects, or by the caller's") \
	A(S, bool, external, "router:external", BOOL, A_RW | A_FS | A_ADMIN, .def = "false",                    \
	  .doc = "Whether floating IPs and router gateways come from it")                                    \
	A(S, bool, is_default, "is_default", BOOL, A_RW | A_FS | A_ADMIN, .def = "false",                       \
	  .doc = "Whether it is the external network of auto-allocated topologies")                         \
	A(S, struct uuid, auto_router_id, "auto_router_id", UUID, A_HIDDEN | A_NULL,                            \
	  .doc = "Router that was made together with it, of an auto-allocated topology")                    \
	A(S, int64_t, mtu, "mtu", INT, A_RW | A_FS, .min = 68, .max = 65535, .doc = "Largest packet, in bytes") \
	A(S, const char *, network_type, "provider:network_type", STR,                                          \
	  A_POST | A_FS | A_ADMIN | A_ADMIN_SEE, .one_of = "flat|local|vxlan", .doc = "flat, local or vxlan") \
	A(S, const char *, physical_network, "provider:physical_network", STR,                                  \
	  A_POST | A_FS | A_ADMIN | A_ADMIN_SEE | A_NULL, .doc = "Name from [physical_networks]")            \
	A(S, int64_t, segmentation_id, "provider:segmentation_id", INT,                                         \
	  A_POST | A_FS | A_ADMIN | A_ADMIN_SEE | A_NULL, .min = 1, .max = 16777215, .doc = "VXLAN id")      \
	A(S, const char *, dns_domain, "dns_domain", STR, A_RW | A_FS, .def = "\"\"",                              \
	  .doc = "Domain of its instances' names, with a final dot")                                         \
	H(S, row, "subnets", JSON, A_COMPUTED, .doc = "Ids of its subnets")                                   \
	ROW_ZONES(A, H, S, "DHCP")                                                                              \
	A(S, bool, no_dhcp_agent, "no_dhcp_agent", BOOL, A_HIDDEN, .def = "false", .doc = "Taken from its DHCP agent") \
	H(S, row, "ipv4_address_scope", STR, A_COMPUTED, .doc = "Address scope of its IPv4 subnet pool")      \
	H(S, row, "ipv6_address_scope", STR, A_COMPUTED, .doc = "Address scope of its IPv6 subnet pool")      \
	A(S, int64_t, rest_seconds, "buoy:rest_seconds", INT, A_RW | A_ADMIN, .def = "-1", .min = -1, .max = 31536000, \
	  .doc = "How long a released floating IP's address rests; -1: as the configuration says")             \
	A(S, bool, rest_strict, "buoy:rest_strict", BOOL, A_RW | A_ADMIN, .def = "false",                       \
	  .doc = "Whether addresses rest to the end even when there are no others")                           \
	ROW_STANDARD(A, H, S)

#define SHAPE_SUBNET(A, H, S)                                                                                       \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                                    \
	A(S, struct uuid, network_id, "network_id", UUID, A_POST | A_REQ | A_FS, .ref = KIND_NETWORK,            \
	  .doc = "Its network")                                                                               \
	A(S, int64_t, ip_version, "ip_version", INT, A_POST | A_REQ | A_FS, .min = 4, .max = 6, .doc = "4 or 6") \
	A(S, struct cidr, cidr, "cidr", CIDR, A_POST | A_NULL | A_FS, .doc = "Its prefix")                       \
	A(S, struct uuid, subnetpool_id, "subnetpool_id", UUID, A_POST | A_NULL | A_FS, .ref = KIND_SUBNETPOOL,  \
	  .doc = "Subnet pool that its prefix comes from")                                                    \
	A(S, bool, use_default_subnetpool, "use_default_subnetpool", BOOL, A_POST | A_INPUT, .def = "false",     \
	  .doc = "Take the prefix from the default subnet pool")                                              \
	A(S, int64_t, prefixlen, "prefixlen", INT, A_POST | A_INPUT, .max = 128,                                 \
	  .doc = "Length of a prefix from a subnet pool")                                                     \
	A(S, struct ip, gateway_ip, "gateway_ip", IP, A_RW | A_NULL | A_FS, .doc = "Router's address in it")     \
	A(S, bool, enable_dhcp, "enable_dhcp", BOOL, A_RW | A_FS, .def = "true", .doc = "Whether DHCP serves it") \
	A(S, struct list, allocation_pools, "allocation_pools", LIST, A_RW, .item = &shape_pool, .max = 1000,    \
	  .doc = "Ranges that addresses are allocated from")                                                  \
	A(S, struct list, dns_nameservers, "dns_nameservers", LIST, A_RW, .item = &shape_address, .max = 5,      \
	  .doc = "Name servers for instances")                                                                \
	A(S, struct list, host_routes, "host_routes", LIST, A_RW, .item = &shape_route, .max = 20,               \
	  .doc = "Routes for instances")                                                                      \
	A(S, const char *, ipv6_address_mode, "ipv6_address_mode", STR, A_POST | A_NULL | A_FS,                  \
	  .one_of = "slaac|dhcpv6-stateful|dhcpv6-stateless", .doc = "IPv6 addressing")                       \
	A(S, const char *, ipv6_ra_mode, "ipv6_ra_mode", STR, A_POST | A_NULL | A_FS,                            \
	  .one_of = "slaac|dhcpv6-stateful|dhcpv6-stateless", .doc = "IPv6 router advertisements")            \
	A(S, struct list, service_types, "service_types", LIST, A_RW, .item = &shape_text, .max = 20,  \
	  .doc = "Kinds of ports (device owners) that get addresses of it unasked; none: all")                 \
	ROW_STANDARD(A, H, S)

#define SHAPE_PORT(A, H, S)                                                                                      \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                                 \
	A(S, struct uuid, network_id, "network_id", UUID, A_POST | A_REQ | A_FS, .ref = KIND_NETWORK,         \
	  .doc = "Its network")                                                                            \
	ROW_ADMIN_STATE(A, H, S) ROW_STATUS(A, H, S)                                                                   \
	A(S, struct mac, mac_address, "mac_address", MAC, A_RW | A_FS, .doc = "MAC address")                  \
	A(S, struct list, fixed_ips, "fixed_ips", LIST, A_RW | A_FILTER, .item = &shape_fixed_ip, .max = 16384, \
	  .doc = "Its addresses")                                                                          \
	A(S, const char *, device_id, "device_id", STR, A_RW | A_FS, .def = "\"\"", .doc = "What uses it")    \
	A(S, const char *, device_owner, "device_owner", STR, A_RW | A_FS, .def = "\"\"",                     \
	  .doc = "Kind of what uses it")                                                                   \
	A(S, struct list, allowed_address_pairs, "allowed_address_pairs", LIST, A_RW, .item = &shape_pair, .max = 10, \
	  .doc = "Further addresses that may use it")                                                      \
	A(S, struct list, extra_dhcp_opts, "extra_dhcp_opts", LIST, A_RW, .item = &shape_dhcp_opt, .max = 50,   \
	  .doc = "DHCP options; a change keeps those that it does not name")                               \
	A(S, const char *, dns_name, "dns_name", STR, A_RW | A_FS, .def = "\"\"", .doc = "What it is called in DNS") \
	A(S, const char *, dns_domain, "dns_domain", STR, A_RW | A_FS, .def = "\"\"",                           \
	  .doc = "Domain of that name, with a final dot, in place of the network's")                       \
	H(S, row, "dns_assignment", JSON, A_COMPUTED, .doc = "The name of each of its addresses")           \
	A(S, const char *, vnic_type, "binding:vnic_type", STR, A_RW | A_FS, .def = "\"normal\"",             \
	  .one_of = "normal|macvtap|direct|baremetal|direct-physical|virtio-forwarder|smart-nic",          \
	  .doc = "Kind of interface")                                                                      \
	A(S, const char *, host_id, "binding:host_id", STR, A_RW | A_FS | A_ADMIN | A_ADMIN_SEE | A_NULL, .def = "\"\"", \
	  .doc = "Node that it is bound to")                                                               \
	A(S, const char *, binding_profile, "binding:profile", JSON, A_RW | A_ADMIN | A_ADMIN_SEE | A_NULL,   \
	  .def = "{}", .max = 4095, .doc = "Free data of the binding")                                      \
	H(S, row, "binding:vif_type", STR, A_COMPUTED | A_ADMIN_SEE, .doc = "bridge or unbound")            \
	H(S, row, "binding:vif_details", JSON, A_COMPUTED | A_ADMIN_SEE, .doc = "Details of the binding")   \
	ROW_STANDARD_TAGS(A, H, S, A_POST)

#define SHAPE_ROUTER(A, H, S)                                                                               \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S) ROW_ADMIN_STATE(A, H, S) ROW_STATUS(A, H, S)                           \
	A(S, struct gateway, external_gateway_info, "external_gateway_info", OBJECT, A_RW | A_NULL,      \
	  .item = &shape_gateway, .doc = "Gateway to an external network")                            \
	H(S, row, "external_gateways", JSON, A_COMPUTED, .doc = "All of its gateways; the first is external_gateway_info") \
	A(S, bool, enable_default_route_ecmp, "enable_default_route_ecmp", BOOL, A_RW | A_FS | A_ADMIN,  \
	  .def = "false", .doc = "Whether connections are spread over all gateways")                  \
	A(S, struct list, routes, "routes", LIST, A_PUT, .item = &shape_route, .max = 30,                \
	  .doc = "Extra routes")                                                                      \
	A(S, struct uuid, gw_port_id, "gw_port_id", UUID, A_HIDDEN | A_NULL, .doc = "Its gateway port")  \
	ROW_ZONES(A, H, S, "node")                                                                        \
	A(S, struct uuid, flavor_id, "flavor_id", UUID, A_POST | A_NULL | A_FS, .ref = KIND_FLAVOR, .doc = "Its flavor") \
	A(S, bool, unhosted, "unhosted", BOOL, A_HIDDEN, .def = "false", .doc = "Taken from its L3 agent") \
	A(S, int64_t, gateway_number, "gateway_number", INT, A_HIDDEN, .def = "1", .doc = "Number of its first gateway") \
	A(S, struct list, more_gateways, "more_gateways", LIST, A_HIDDEN, .item = &shape_router_gateway, \
	  .doc = "Its gateways after the first")                                                      \
	ROW_STANDARD(A, H, S)

#define SHAPE_FLOATINGIP(A, H, S)                                                                                 \
	ROW_ID(A, H, S) ROW_OWNER(A, H, S)                                                                              \
	A(S, struct uuid, floating_network_id, "floating_network_id", UUID, A_POST | A_REQ | A_FS,             \
	  .ref = KIND_NETWORK, .doc = "External network that it comes from")                                \
	A(S, struct ip, floating_ip_address, "floating_ip_address", IP, A_POST | A_FS | A_ADMIN,               \
	  .doc = "The public address")                                                                      \
	A(S, struct uuid, port_id, "port_id", UUID, A_RW | A_NULL | A_FS, .ref = KIND_PORT,                    \
	  .doc = "Port that it is associated with")                                                         \
	A(S, struct ip, fixed_ip_address, "fixed_ip_address", IP, A_RW | A_NULL | A_FS,                        \
	  .doc = "Fixed IP that it is translated to")                                                       \
	A(S, struct uuid, router_id, "router_id", UUID, A_NULL | A_FS, .ref = KIND_ROUTER, .doc = "Router that translates") \
	A(S, struct uuid, subnet_id, "subnet_id", UUID, A_POST | A_NULL | A_HIDDEN | A_UNSEEN, .ref = KIND_SUBNET, \
	  .doc = "Subnet that its address comes from")                                                      \
	A(S, struct uuid, qos_policy_id, "qos_policy_id", UUID, A_RW | A_NULL | A_FS, .ref = KIND_QOS_POLICY,  \
	  .doc = "QoS policy that limits its rates")                                                        \
	A(S, int64_t, expires_at, "expires_at", TIME, A_RW | A_NULL | A_FS,                                    \
	  .doc = "When it is released by itself; null: never")                                              \
	A(S, int64_t, lease_seconds, "lease_seconds", INT, A_RW | A_INPUT, .min = 1, .max = 315360000,         \
	  .doc = "expires_at as so many seconds from now")                                                  \
	A(S, int64_t, associated_at, "associated_at", TIME, A_HIDDEN | A_NULL, .doc = "When it was last associated") \
	A(S, const char *, reuse_tag, "reuse_tag", STR, A_POST | A_NULL | A_INPUT, .min = 1,                   \
	  .doc = "A floating IP of the project that has this tag will do; else the new one gets it")        \
	A(S, const char *, dns_name, "dns_name", STR, A_POST | A_FS, .def = "\"\"", .doc = "What it is called in DNS") \
	A(S, const char *, dns_domain, "dns_domain", STR, A_POST | A_FS, .def = "\"\"",                        \
	  .doc = "Domain of that name, with a final dot")                                                  \
	ROW_STATUS(A, H, S)                                                                                       \
	H(S, row, "verified_at", TIME, A_COMPUTED,                                                               \
	  .doc = "When the kernel was last seen to be as it should be; null: not since it changed")              \
	H(S, row, "port_details", JSON, A_COMPUTED, .doc = "The associated port")                            \
	H(S, row, "port_forwardings", JSON, A_COMPUTED, .doc = "Its port forwardings")                       \
	ROW_STANDARD(A, H, S)

/* The lengths are printed as text, as Neutron does. */
#define SHAPE_SUBNETPOOL(A, H, S)                                                                                  \
	ROW_ID(A, H, S)                                                                                            \
	A(S, const char *, name, "name", STR, A_RW | A_REQ | A_FS, .min = 1, .doc = "Name")                        \
	ROW_OWNER(A, H, S)                                                                                         \
	A(S, struct list, prefixes, "prefixes", LIST, A_RW | A_REQ, .item = &shape_prefix, .max = 1000,            \
	  .doc = "What subnets are taken from")                                                                  \
	A(S, int64_t, ip_version, "ip_version", INT, A_FS, .min = 4, .max = 6, .doc = "4 or 6")                             \
	A(S, int64_t, default_prefixlen, "default_prefixlen", INT, A_RW | A_FS | A_VIEWED, .max = 128,             \
	  .doc = "Length of a subnet for which none is given")                                                   \
	A(S, int64_t, min_prefixlen, "min_prefixlen", INT, A_RW | A_FS | A_VIEWED, .max = 128,                     \
	  .doc = "Length of the largest subnet")                                                                 \
	A(S, int64_t, max_prefixlen, "max_prefixlen", INT, A_RW | A_FS | A_VIEWED, .max = 128,                     \
	  .doc = "Length of the smallest subnet")                                                                \
	A(S, int64_t, default_quota, "default_quota", INT, A_RW | A_NULL | A_FS, .max = 2147483647,                \
	  .doc = "How much a project may take: addresses, or, in IPv6, /64s")                                    \
	A(S, bool, shared, "shared", BOOL, A_POST | A_FS | A_ADMIN | A_VIEWED, .def = "false",                     \
	  .doc = "Used by all projects, or by the caller's")                                                     \
	A(S, bool, is_default, "is_default", BOOL, A_RW | A_FS | A_ADMIN, .def = "false",                          \
	  .doc = "Whether it is the default of its IP version")                                                  \
	A(S, struct uuid, address_scope_id, "address_scope_id", UUID, A_RW | A_NULL | A_FS,                        \
	  .ref = KIND_ADDRESS_SCOPE, .doc = "Address scope that it belongs to")                                  \
	ROW_STANDARD(A, H, S)

/* Within one, no address is there twice, so that its networks are routed as they are. */
#define SHAPE_ADDRESS_SCOPE(A, H, S)                                                                              \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                      \
	A(S, bool, shared, "shared", BOOL, A_RW | A_FS | A_ADMIN | A_VIEWED, .def = "false",                      \
	  .doc = "Used by all projects, or by the caller's")                                                    \
	A(S, int64_t, ip_version, "ip_version", INT, A_POST | A_REQ | A_FS, .min = 4, .max = 6, .doc = "4 or 6")

/* An address that was released: until it has rested nobody but its project gets it. Its id is the floating IP's, which
 * comes back with the description and tags when it is taken back. */
#define SHAPE_REST(A, H, S)                                                                                       \
	ROW_ID(A, H, S) ROW_OWNER(A, H, S)                                                                              \
	A(S, struct uuid, floating_network_id, "floating_network_id", UUID, A_POST | A_REQ | A_FS,             \
	  .ref = KIND_NETWORK, .doc = "External network that it belongs to")                                \
	A(S, struct ip, floating_ip_address, "floating_ip_address", IP, A_POST | A_REQ | A_FS,                 \
	  .doc = "The address")                                                                             \
	A(S, struct uuid, subnet_id, "subnet_id", UUID, A_FS, .ref = KIND_SUBNET, .doc = "Its subnet")         \
	A(S, int64_t, rests_until, "rests_until", TIME, A_RW | A_NULL | A_FS,                                  \
	  .doc = "When others can get it; null: held by an administrator, without an end")                   \
	A(S, const char *, reason, "reason", STR, A_RW | A_FS, .def = "\"\"", .doc = "Why it is held")          \
	A(S, struct uuid, qos_policy_id, "qos_policy_id", UUID, A_HIDDEN | A_NULL, .doc = "The floating IP's QoS policy") \
	A(S, const char *, dns_name, "dns_name", STR, A_HIDDEN, .def = "\"\"", .doc = "The floating IP's name") \
	A(S, const char *, dns_domain, "dns_domain", STR, A_HIDDEN, .def = "\"\"", .doc = "The domain of that name") \
	ROW_STANDARD(A, H, S)
/* Who else than its owner may see and use an object; target_tenant is a project or "*". */
#define SHAPE_RBAC_POLICY(A, H, S)                                                                               \
	ROW_ID(A, H, S) ROW_OWNER(A, H, S)                                                                       \
	A(S, const char *, object_type, "object_type", STR, A_POST | A_REQ | A_FS, .doc = "Kind of the object") \
	A(S, struct uuid, object_id, "object_id", UUID, A_POST | A_REQ | A_FS, .doc = "The object")             \
	A(S, const char *, action, "action", STR, A_POST | A_REQ | A_FS,                                        \
	  .doc = "access_as_shared or access_as_external")                                                    \
	A(S, const char *, target_tenant, "target_tenant", STR, A_RW | A_REQ | A_FS, .min = 1,     \
	  .doc = "Project that it is for; *: all")                                                  \
	A(S, const char *, grant, "grant", STR, A_HIDDEN, .max = 300, .doc = "Object and target, to be found by")

#define SHAPE_QOS_POLICY(A, H, S)                                                                                \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                     \
	A(S, bool, shared, "shared", BOOL, A_RW | A_FS | A_ADMIN | A_VIEWED, .def = "false",                     \
	  .doc = "Seen by all projects, or by the caller's") \
	A(S, bool, is_default, "is_default", BOOL, A_RW | A_FS | A_ADMIN, .def = "false",                        \
	  .doc = "Whether it is the project's default, which nothing is given by itself")                      \
	H(S, row, "rules", JSON, A_COMPUTED, .doc = "Its rules")                                                \
	ROW_STANDARD(A, H, S)

/* As the instance sees it: egress is what it sends. */
#define SHAPE_QOS_RULE(A, H, S)                                                                                   \
	ROW_ID(A, H, S)                                                                                           \
	A(S, struct uuid, qos_policy_id, "qos_policy_id", UUID, A_HIDDEN | A_PARENT, .ref = KIND_QOS_POLICY,      \
	  .doc = "Its policy")                                                                                  \
	A(S, int64_t, max_kbps, "max_kbps", INT, A_RW | A_REQ | A_FS, .max = 2147483647,                          \
	  .doc = "Rate in kbit/s; 0: no limit")                                                                 \
	A(S, int64_t, max_burst_kbps, "max_burst_kbps", INT, A_RW | A_FS, .def = "0", .max = 2147483647,          \
	  .doc = "What may come at once, in kbit; 0: 80 % of the rate")                                         \
	A(S, const char *, direction, "direction", STR, A_RW | A_FS, .def = "\"egress\"", .one_of = "egress|ingress", \
	  .doc = "egress: from the instance, ingress: towards it")

/* A floating IP that is offered to whoever has the key. */
#define SHAPE_TRANSFER(A, H, S)                                                                                   \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                    \
	A(S, struct uuid, floatingip_id, "floatingip_id", UUID, A_POST | A_REQ | A_FS, .ref = KIND_FLOATINGIP,  \
	  .doc = "The floating IP")                                                                           \
	A(S, struct ip, floating_ip_address, "floating_ip_address", IP, A_FS, .doc = "Its address")              \
	A(S, int64_t, expires_at, "expires_at", TIME, A_POST | A_NULL | A_FS,                                    \
	  .doc = "Until when it can be accepted (default: a day); null: until it is cancelled")                \
	A(S, const char *, key_hash, "key_hash", STR, A_HIDDEN | A_SECRET, .doc = "Hash of the key")             \
	H(S, row, "auth_key", STR, A_COMPUTED, .doc = "What accepts it; shown once, to who made it")            \
	ROW_STANDARD(A, H, S)

/* When a floating IP, whose id it has, last carried a packet: coarse, so that few are written; in no event. */
#define SHAPE_SIGHTING(A, H, S)                                                                               \
	H(S, row.id, "id", UUID, A_HIDDEN, .doc = "The floating IP's id")                                 \
	A(S, int64_t, seen_in, "seen_in", TIME, A_HIDDEN | A_NULL, .doc = "The last to the instance")       \
	A(S, int64_t, seen_out, "seen_out", TIME, A_HIDDEN | A_NULL, .doc = "The last from the instance")

/* A POST that was made under an Idempotency-Key; kept until `expires_at`. */
#define SHAPE_ONCE(A, H, S)                                                                                   \
	H(S, row.id, "id", UUID, A_HIDDEN, .doc = "Made of the key, who sent it and the path")            \
	A(S, struct uuid, body, "body", UUID, A_HIDDEN | A_SECRET, .doc = "Made of the body")               \
	A(S, struct list, made, "made", LIST, A_HIDDEN, .item = &shape_hexref, .doc = "Ids of what it made")  \
	A(S, int64_t, status, "status", INT, A_HIDDEN, .doc = "The answer's status")                        \
	A(S, int64_t, expires_at, "expires_at", TIME, A_HIDDEN, .doc = "When the key is forgotten")
/* A port is shown where it is one; the range says it always, as "FIRST:LAST". */
#define SHAPE_PORT_FORWARDING(A, H, S)                                                                            \
	ROW_ID(A, H, S)                                                                                           \
	A(S, struct uuid, floatingip_id, "floatingip_id", UUID, A_HIDDEN | A_PARENT, .ref = KIND_FLOATINGIP,      \
	  .doc = "Its floating IP")                                                                             \
	A(S, const char *, protocol, "protocol", STR, A_RW | A_REQ | A_FS, .one_of = "tcp|udp|sctp",              \
	  .doc = "Protocol")                                                                                    \
	A(S, struct uuid, internal_port_id, "internal_port_id", UUID, A_RW | A_REQ | A_FS, .ref = KIND_PORT,      \
	  .doc = "Port of the instance")                                                                        \
	A(S, struct ip, internal_ip_address, "internal_ip_address", IP, A_RW,                                     \
	  .doc = "Which address of the port (default: the first IPv4 one)")                                     \
	A(S, int64_t, internal_port, "internal_port", INT, A_RW | A_NULL, .min = 1, .max = 65535,                 \
	  .doc = "Port number at the instance")                                                                 \
	A(S, const char *, internal_port_range, "internal_port_range", STR, A_RW | A_NULL, .max = 11,             \
	  .doc = "Port numbers at the instance, as many as outside, or one")                                    \
	A(S, int64_t, external_port, "external_port", INT, A_RW | A_NULL | A_FS, .min = 1, .max = 65535,          \
	  .doc = "Port number of the floating IP")                                                              \
	A(S, const char *, external_port_range, "external_port_range", STR, A_RW | A_NULL | A_FS, .max = 11,      \
	  .doc = "Port numbers of the floating IP")                                                             \
	A(S, const char *, description, "description", STR, A_RW | A_FILTER, .def = "\"\"", .doc = "Free text")      \
	A(S, const char *, inside_key, "inside_key", STR, A_HIDDEN | A_NULL, .doc = "Where its ports end at the instance") \
	A(S, const char *, outside_key, "outside_key", STR, A_HIDDEN | A_NULL, .doc = "And at the floating IP")

/* One row for each project that has limits of its own; -1: no limit. */
#define SHAPE_QUOTA(A, H, S)                                                                             \
	H(S, row.id, "id", UUID, A_HIDDEN, .doc = "Id")                                             \
	A(S, const char *, project_id, "project_id", STR, A_HIDDEN, .doc = "Project")                 \
	A(S, int64_t, network, "network", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Networks") \
	A(S, int64_t, subnet, "subnet", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Subnets")   \
	A(S, int64_t, port, "port", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Ports")         \
	A(S, int64_t, router, "router", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Routers")   \
	A(S, int64_t, floatingip, "floatingip", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Floating IPs") \
	A(S, int64_t, subnetpool, "subnetpool", INT, A_PUT, .def = "-1", .min = -1, .max = 2147483647,        \
	  .doc = "Subnet pools")                                                                            \
	A(S, int64_t, rbac_policy, "rbac_policy", INT, A_PUT, .def = "10", .min = -1, .max = 2147483647,      \
	  .doc = "RBAC policies")

/* An agent that something was said about: its name, type, switch and description are stored. All else is made of what
 * its node reports when it is asked for (agents.c). */
#define SHAPE_AGENT(A, H, S)                                                                                  \
	H(S, row.id, "id", UUID, A_FS, .doc = "Id")                                                           \
	A(S, const char *, agent_type, "agent_type", STR, A_FS, .def = "\"\"", .doc = "L3 agent or DHCP agent") \
	A(S, const char *, host, "host", STR, A_FS, .def = "\"\"", .doc = "Its node")                         \
	A(S, bool, admin_state_up, "admin_state_up", BOOL, A_PUT | A_FS, .def = "true",                       \
	  .doc = "Whether it is switched on: off, it serves nothing")                                         \
	A(S, const char *, description, "description", STR, A_PUT | A_FS | A_NULL, .doc = "Free text")        \
	A(S, const char *, binary, "binary", STR, A_FS, .doc = "Its program")                                 \
	A(S, const char *, topic, "topic", STR, A_FS, .doc = "What it listens to")                            \
	A(S, const char *, availability_zone, "availability_zone", STR, A_FS, .doc = "Its zone")              \
	A(S, bool, alive, "alive", BOOL, A_FS, .doc = "Whether its node reports")                             \
	A(S, const char *, created, "created_at", STR, A_SORT, .doc = "When it was first seen")               \
	A(S, const char *, started, "started_at", STR, A_SORT, .doc = "When it began to report")              \
	A(S, const char *, heartbeat, "heartbeat_timestamp", STR, A_SORT, .doc = "Its last report")           \
	A(S, const char *, configurations, "configurations", JSON, 0, .doc = "What it has applied, and what failed")

#define SHAPE_FLAVOR(A, H, S)                                                                                 \
	ROW_ID(A, H, S) ROW_NAME(A, H, S)                                                                     \
	A(S, const char *, description, "description", STR, A_RW | A_FS, .def = "\"\"", .max = 1024, .doc = "Free text") \
	A(S, const char *, service_type, "service_type", STR, A_POST | A_REQ | A_FS,                          \
	  .one_of = "L3_ROUTER_NAT|FLAVORS|QOS", .doc = "What it is a flavor of")                             \
	A(S, struct list, service_profiles, "service_profiles", LIST, 0, .item = &shape_ref, .doc = "Its service profiles") \
	A(S, bool, enabled, "enabled", BOOL, A_RW | A_FS, .def = "true", .doc = "Whether it may be chosen")

#define SHAPE_SERVICE_PROFILE(A, H, S)                                                                        \
	ROW_ID(A, H, S)                                                                                       \
	A(S, const char *, description, "description", STR, A_RW | A_FS, .def = "\"\"", .max = 1024, .doc = "Free text") \
	A(S, const char *, driver, "driver", STR, A_RW | A_FS, .def = "\"\"", .max = 1024, .doc = "Who provides it: buoy") \
	A(S, const char *, metainfo, "metainfo", STR, A_RW | A_SORT, .def = "\"\"", .max = 4096, .doc = "Free data") \
	A(S, bool, enabled, "enabled", BOOL, A_RW | A_FS, .def = "true", .doc = "Whether it may be used")

#define SHAPE_SERVICE_PROVIDER(A, H, S)                                                        \
	H(S, row.id, "id", UUID, A_HIDDEN, .doc = "Id")                                        \
	A(S, const char *, service_type, "service_type", STR, A_FS, .doc = "What it provides") \
	A(S, const char *, name, "name", STR, A_FS, .doc = "Name")                             \
	A(S, bool, is_default, "default", BOOL, A_FS, .doc = "Whether it is what is taken when nobody says")

#define SHAPE_ZONE(A, H, S)                                                                   \
	H(S, row.id, "id", UUID, A_HIDDEN, .doc = "Id")                                       \
	A(S, const char *, name, "name", STR, A_FS, .doc = "Name")                            \
	A(S, const char *, resource, "resource", STR, A_FS, .doc = "network or router")       \
	A(S, const char *, state, "state", STR, A_FS, .doc = "available or unavailable")

/* --- lists that are made when they are asked for --- */

#define SHAPE_FIP_POOL(A, H, S)                                                                              \
	H(S, row.id, "subnet_id", UUID, A_FS, .doc = "Subnet that the addresses come from")                  \
	A(S, const char *, subnet_name, "subnet_name", STR, A_FS, .doc = "Its name")                         \
	A(S, const char *, project_id, "project_id", STR, A_FS, .alias = "tenant_id", .doc = "Its project")  \
	A(S, struct uuid, network_id, "network_id", UUID, A_FS, .doc = "External network")                   \
	A(S, struct cidr, cidr, "cidr", CIDR, A_FS, .doc = "Prefix")

#define SHAPE_SUBNET_USE(A, H, S)                                                                    \
	A(S, struct uuid, subnet_id, "subnet_id", UUID, 0, .doc = "Subnet")                          \
	A(S, const char *, subnet_name, "subnet_name", STR, 0, .doc = "Its name")                    \
	A(S, int64_t, ip_version, "ip_version", INT, 0, .doc = "4 or 6")                             \
	A(S, struct cidr, cidr, "cidr", CIDR, 0, .doc = "Prefix")                                    \
	A(S, int64_t, total_ips, "total_ips", INT, 0, .doc = "Addresses in its pools")               \
	A(S, int64_t, used_ips, "used_ips", INT, 0, .doc = "Addresses that somebody has")

#define SHAPE_IP_AVAILABILITY(A, H, S)                                                                       \
	H(S, row.id, "network_id", UUID, A_FS, .doc = "Network")                                             \
	A(S, const char *, network_name, "network_name", STR, A_FS, .doc = "Its name")                       \
	A(S, const char *, project_id, "project_id", STR, A_FS, .alias = "tenant_id", .doc = "Its project")  \
	A(S, int64_t, ip_version, "ip_version", INT, A_HIDDEN | A_FILTER, .doc = "Only subnets of that version") \
	A(S, int64_t, total_ips, "total_ips", INT, A_FS, .doc = "Addresses in its subnets' pools")           \
	A(S, int64_t, used_ips, "used_ips", INT, A_FS, .doc = "Addresses that somebody has")                 \
	A(S, struct list, subnets, "subnet_ip_availability", LIST, 0, .item = &shape_subnet_use, .doc = "The same of each subnet")

/* --- compute API --- */

/* A workload that was registered; what only owns ports with its device_id has no row. Texts are kept as they were
 * given and mean nothing to Buoy. */
#define SHAPE_SERVER(A, H, S)                                                                                   \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                    \
	A(S, const char *, user_id, "user_id", STR, 0, .def = "\"\"", .doc = "User that registered it")         \
	A(S, const char *, flavor, "flavor", STR, 0, .def = "\"\"", .doc = "Flavor")                            \
	A(S, const char *, image, "image", STR, 0, .def = "\"\"", .doc = "Image")                               \
	A(S, const char *, key_name, "key_name", STR, A_NULL, .doc = "Key pair")                                \
	A(S, const char *, metadata, "metadata", JSON, 0, .def = "{}", .max = 65535, .doc = "Names and values") \
	A(S, struct list, nics, "nics", LIST, A_HIDDEN, .item = &shape_nic, .max = 100, .doc = "Its ports, in order") \
	ROW_STANDARD(A, H, S)

/* --- identity API --- */

#define ID_COMMON(A, H, S)                                                                                    \
	H(S, row.id, "id", HEXID, A_FS, .doc = "Id")                                                     \
	A(S, const char *, name, "name", STR, A_RW | A_REQ | A_FS, .min = 1, .max = 255, .doc = "Name")
#define ID_DESCRIPTION(A, H, S) \
	A(S, const char *, description, "description", STR, A_RW | A_NULL, .def = "\"\"", .max = 4096, .doc = "Free text")
#define ID_ENABLED(A, H, S) A(S, bool, enabled, "enabled", BOOL, A_RW | A_FS, .def = "true", .doc = "Whether it may be used")

#define SHAPE_DOMAIN(A, H, S) ID_COMMON(A, H, S) ID_DESCRIPTION(A, H, S) ID_ENABLED(A, H, S)

#define SHAPE_PROJECT(A, H, S)                                                                              \
	ID_COMMON(A, H, S) ID_DESCRIPTION(A, H, S) ID_ENABLED(A, H, S)                                                  \
	A(S, struct uuid, domain_id, "domain_id", HEXID, A_POST | A_FS, .def = "\"default\"", .ref = KIND_DOMAIN, \
	  .doc = "Its domain")

#define SHAPE_USER(A, H, S)                                                                                  \
	ID_COMMON(A, H, S) ID_DESCRIPTION(A, H, S) ID_ENABLED(A, H, S)                                                   \
	A(S, struct uuid, domain_id, "domain_id", HEXID, A_POST | A_FS, .def = "\"default\"", .ref = KIND_DOMAIN, \
	  .doc = "Its domain")                                                                         \
	A(S, const char *, email, "email", STR, A_RW | A_NULL, .doc = "Mail address")                     \
	A(S, struct uuid, default_project_id, "default_project_id", HEXID, A_RW | A_NULL | A_FS, .ref = KIND_PROJECT, \
	  .doc = "Project to log in to")                                                               \
	A(S, const char *, password, "password", STR, A_RW | A_NULL | A_INPUT, .max = 1024, .doc = "Password") \
	A(S, const char *, password_hash, "password_hash", STR, A_HIDDEN | A_NULL | A_SECRET, .doc = "Argon2id")     \
	A(S, int64_t, tokens_after, "tokens_after", INT, A_HIDDEN, .max = INT64_MAX,                      \
	  .doc = "Tokens issued before this time (microseconds) are void")

#define SHAPE_ROLE(A, H, S) ID_COMMON(A, H, S) ID_DESCRIPTION(A, H, S)

/* A user's role on a project or (project null) on a domain. */
#define SHAPE_ASSIGNMENT(A, H, S)                                                                       \
	H(S, row.id, "id", HEXID, A_HIDDEN, .doc = "Id")                                           \
	A(S, struct uuid, user_id, "user_id", HEXID, A_FS, .ref = KIND_USER, .doc = "User")          \
	A(S, struct uuid, project_id, "project_id", HEXID, A_NULL | A_FS, .ref = KIND_PROJECT, .doc = "Project") \
	A(S, struct uuid, domain_id, "domain_id", HEXID, A_NULL | A_FS, .ref = KIND_DOMAIN, .doc = "Domain") \
	A(S, struct uuid, role_id, "role_id", HEXID, A_FS, .ref = KIND_ROLE, .doc = "Role")

#define SHAPE_APPCRED(A, H, S)                                                                               \
	ID_COMMON(A, H, S) ID_DESCRIPTION(A, H, S)                                                                 \
	A(S, struct uuid, user_id, "user_id", HEXID, A_FS, .ref = KIND_USER, .doc = "User")               \
	A(S, struct uuid, project_id, "project_id", HEXID, A_FS, .ref = KIND_PROJECT, .doc = "Project")   \
	A(S, const char *, secret, "secret", STR, A_POST | A_NULL | A_INPUT, .max = 255, .doc = "Secret") \
	A(S, const char *, secret_hash, "secret_hash", STR, A_HIDDEN | A_SECRET, .doc = "Hash of the secret")        \
	A(S, struct list, role_ids, "role_ids", LIST, A_HIDDEN, .item = &shape_hexref, .doc = "Roles")    \
	A(S, int64_t, expires_at, "expires_at", TIME, A_POST | A_NULL, .doc = "When it ends")             \
	A(S, bool, unrestricted, "unrestricted", BOOL, A_POST, .def = "false",                            \
	  .doc = "Whether it may make further credentials")

/* A token that was given back before its time; kept until `expires_at`. */
#define SHAPE_REVOCATION(A, H, S)                                                                \
	H(S, row.id, "id", HEXID, A_HIDDEN, .doc = "The token's audit id")                  \
	A(S, int64_t, expires_at, "expires_at", TIME, A_HIDDEN | A_FS, .doc = "End of the token's life")

/* Keys that the daemon made for itself, such as the one that seals tokens. */
#define SHAPE_SECRET(A, H, S)                                                        \
	H(S, row.id, "id", UUID, A_HIDDEN, .doc = "Id")                         \
	A(S, const char *, name, "name", STR, A_HIDDEN, .doc = "What it is for")  \
	A(S, const char *, value, "value", STR, A_HIDDEN | A_SECRET, .max = 4096, .doc = "Base64")

/* X(NAME, struct, shape, "name", "plural", "Type") */
#define EVERY_ITEM(X)                                            \
	X(TEXT, text_item, shape_text, "text", "")               \
	X(TAG, tag_item, shape_tag, "tag", "")                   \
	X(ADDRESS, address_item, shape_address, "address", "")   \
	X(REF, ref_item, shape_ref, "id", "")                    \
	X(HEXREF, hexref_item, shape_hexref, "id", "")           \
	X(NIC, nic, shape_nic, "nic", "")                        \
	X(FIXED_IP, fixed_ip, shape_fixed_ip, "fixed_ip", "")    \
	X(POOL, pool, shape_pool, "allocation_pool", "")         \
	X(PREFIX, prefix, shape_prefix, "prefix", "")            \
	X(ROUTE, ip_route, shape_route, "route", "")             \
	X(PAIR, pair, shape_pair, "address_pair", "")            \
	X(DHCP_OPT, dhcp_opt, shape_dhcp_opt, "dhcp_opt", "")    \
	X(GATEWAY, gateway, shape_gateway, "external_gateway_info", "")  \
	X(ROUTER_GATEWAY, router_gateway, shape_router_gateway, "gateway", "") \
	X(GATEWAY_LIST, gateway_list, shape_gateway_list, "router", "") \
	X(SUBNET_USE, subnet_use, shape_subnet_use, "subnet", "")

/* X(NAME, struct, "name", "plural", "Type", "path"): the resources below /v2.0 that have hooks,
 * `<struct>_resource`. The generic verbs, routes and tags serve them. */
#define EVERY_NETWORK_KIND(X)                                                                              \
	X(NETWORK, network, "network", "networks", "Network", "networks")                                  \
	X(SUBNET, subnet, "subnet", "subnets", "Subnet", "subnets")                                        \
	X(PORT, port, "port", "ports", "Port", "ports")                                                    \
	X(ROUTER, router, "router", "routers", "Router", "routers")                                        \
	X(QOS_POLICY, qos_policy, "policy", "policies", "QosPolicy", "qos/policies")                       \
	X(FLOATINGIP, floatingip, "floatingip", "floatingips", "FloatingIP", "floatingips")                \
	X(REST, rest, "resting_address", "resting_addresses", "RestingAddress", "buoy/quarantine")         \
	X(TRANSFER, transfer, "transfer", "transfers", "Transfer", "buoy/transfers")         \
	X(SUBNETPOOL, subnetpool, "subnetpool", "subnetpools", "SubnetPool", "subnetpools")

/* X as above: those that live in a row of another kind. Their attribute after the id, with A_PARENT, says in which;
 * its id is the {} of the path. They have hooks and the generic verbs and routes, but no tags. Who sees or may change
 * the parent sees or may change them, and the parent's revision counts their changes. */
#define EVERY_NESTED_KIND(X)                                                                               \
	X(QOS_RULE, qos_rule, "bandwidth_limit_rule", "bandwidth_limit_rules", "QosRule",                  \
	  "qos/policies/{}/bandwidth_limit_rules")                                                         \
	X(PORT_FORWARDING, port_forwarding, "port_forwarding", "port_forwardings", "PortForwarding",       \
	  "floatingips/{}/port_forwardings")

/* X as above: no row of these is ever stored. They are made of other rows, or of what nodes report, for each question:
 * the schema prints, filters and sorts them (inventory.h). */
#define EVERY_MADE_KIND(X)                                                                                     \
	X(FIP_POOL, fip_pool, "floatingip_pool", "floatingip_pools", "FloatingIPPool")                         \
	X(IP_AVAILABILITY, ip_availability, "network_ip_availability", "network_ip_availabilities", "Network") \
	X(ZONE, zone, "availability_zone", "availability_zones", "AvailabilityZone")                           \
	X(SERVICE_PROVIDER, service_provider, "service_provider", "service_providers", "ServiceProvider")

/* X as above: those that have neither a description nor tags nor times. They have hooks and the generic verbs and
 * routes. */
#define EVERY_BARE_KIND(X)                                                                                 \
	X(FLAVOR, flavor, "flavor", "flavors", "Flavor", "flavors")                                        \
	X(SERVICE_PROFILE, service_profile, "service_profile", "service_profiles", "ServiceProfile", "service_profiles") \
	X(ADDRESS_SCOPE, address_scope, "address_scope", "address_scopes", "AddressScope",                 \
	  "address-scopes")                                                                                \
	X(RBAC_POLICY, rbac_policy, "rbac_policy", "rbac_policies", "RbacPolicy", "rbac-policies")

/* X as above: every kind; the network API's come before the identity API's. */
#define EVERY_KIND(X)                                                                                      \
	EVERY_NETWORK_KIND(X)                                                                              \
	EVERY_NESTED_KIND(X)                                                                               \
	EVERY_MADE_KIND(X)                                                                                 \
	X(AGENT, net_agent, "agent", "agents", "Agent")                                                        \
	X(SIGHTING, sighting, "sighting", "sightings", "Sighting")                                         \
	X(ONCE, once, "idempotency_key", "idempotency_keys", "IdempotencyKey")                             \
	EVERY_BARE_KIND(X)                                                                                 \
	X(QUOTA, quota, "quota", "quotas", "Quota")                                                        \
	X(SERVER, server, "server", "servers", "Server")                                                   \
	X(DOMAIN, domain, "domain", "domains", "Domain")                                                   \
	X(PROJECT, project, "project", "projects", "Project")                                              \
	X(USER, user, "user", "users", "User")                                                             \
	X(ROLE, role, "role", "roles", "Role")                                                             \
	X(ASSIGNMENT, assignment, "assignment", "role_assignments", "RoleAssignment")                      \
	X(APPCRED, appcred, "application_credential", "application_credentials", "ApplicationCredential")  \
	X(REVOCATION, revocation, "revocation", "revocations", "Revocation")                               \
	X(SECRET, secret, "secret", "secrets", "Secret")

/* X(index, NAME, struct, member): rows of the kind ordered by the member, then by id. */
#define EVERY_INDEX(X)                                                        \
	X(IX_NETWORK_PROJECT, NETWORK, network, project_id)                   \
	X(IX_NETWORK_NAME, NETWORK, network, name)                            \
	X(IX_NETWORK_SEGMENT, NETWORK, network, segmentation_id)              \
	X(IX_NETWORK_SHARED, NETWORK, network, shared)                        \
	X(IX_NETWORK_EXTERNAL, NETWORK, network, external)                    \
	X(IX_SUBNET_NETWORK, SUBNET, subnet, network_id)                      \
	X(IX_SUBNET_PROJECT, SUBNET, subnet, project_id)                      \
	X(IX_SUBNET_POOL, SUBNET, subnet, subnetpool_id)                      \
	X(IX_SUBNETPOOL_PROJECT, SUBNETPOOL, subnetpool, project_id)          \
	X(IX_SUBNETPOOL_SHARED, SUBNETPOOL, subnetpool, shared)               \
	X(IX_SUBNETPOOL_DEFAULT, SUBNETPOOL, subnetpool, is_default)          \
	X(IX_SUBNETPOOL_SCOPE, SUBNETPOOL, subnetpool, address_scope_id)      \
	X(IX_SCOPE_PROJECT, ADDRESS_SCOPE, address_scope, project_id)         \
	X(IX_SCOPE_SHARED, ADDRESS_SCOPE, address_scope, shared)              \
	X(IX_PORT_NETWORK, PORT, port, network_id)                            \
	X(IX_PORT_PROJECT, PORT, port, project_id)                            \
	X(IX_PORT_DEVICE, PORT, port, device_id)                              \
	X(IX_PORT_MAC, PORT, port, mac_address)                               \
	X(IX_PORT_DNS_NAME, PORT, port, dns_name)                             \
	X(IX_ROUTER_PROJECT, ROUTER, router, project_id)                      \
	X(IX_ROUTER_FLAVOR, ROUTER, router, flavor_id)                        \
	X(IX_FLOATINGIP_PROJECT, FLOATINGIP, floatingip, project_id)          \
	X(IX_FLOATINGIP_ADDRESS, FLOATINGIP, floatingip, floating_ip_address) \
	X(IX_FLOATINGIP_FIXED, FLOATINGIP, floatingip, fixed_ip_address)      \
	X(IX_FLOATINGIP_PORT, FLOATINGIP, floatingip, port_id)                \
	X(IX_FLOATINGIP_ROUTER, FLOATINGIP, floatingip, router_id)            \
	X(IX_FLOATINGIP_NETWORK, FLOATINGIP, floatingip, floating_network_id) \
	X(IX_FLOATINGIP_POLICY, FLOATINGIP, floatingip, qos_policy_id)        \
	X(IX_FLOATINGIP_EXPIRES, FLOATINGIP, floatingip, expires_at)          \
	X(IX_REST_PROJECT, REST, rest, project_id)                            \
	X(IX_REST_ADDRESS, REST, rest, floating_ip_address)                   \
	X(IX_REST_NETWORK, REST, rest, floating_network_id)                   \
	X(IX_REST_SUBNET, REST, rest, subnet_id)                              \
	X(IX_REST_UNTIL, REST, rest, rests_until)                             \
	X(IX_TRANSFER_PROJECT, TRANSFER, transfer, project_id)                \
	X(IX_TRANSFER_FLOATINGIP, TRANSFER, transfer, floatingip_id)          \
	X(IX_TRANSFER_EXPIRES, TRANSFER, transfer, expires_at)                \
	X(IX_ONCE_EXPIRES, ONCE, once, expires_at)                            \
	X(IX_RULE_POLICY, QOS_RULE, qos_rule, qos_policy_id)                  \
	X(IX_RBAC_PROJECT, RBAC_POLICY, rbac_policy, project_id)              \
	X(IX_RBAC_OBJECT, RBAC_POLICY, rbac_policy, object_id)                \
	X(IX_RBAC_TARGET, RBAC_POLICY, rbac_policy, target_tenant)            \
	X(IX_RBAC_GRANT, RBAC_POLICY, rbac_policy, grant)                     \
	X(IX_FORWARDING_FIP, PORT_FORWARDING, port_forwarding, floatingip_id) \
	X(IX_FORWARDING_PORT, PORT_FORWARDING, port_forwarding, internal_port_id) \
	X(IX_FORWARDING_INSIDE, PORT_FORWARDING, port_forwarding, inside_key) \
	X(IX_FORWARDING_OUTSIDE, PORT_FORWARDING, port_forwarding, outside_key) \
	X(IX_QUOTA_PROJECT, QUOTA, quota, project_id)                         \
	X(IX_AGENT_HOST, AGENT, net_agent, host)                                  \
	X(IX_SERVER_PROJECT, SERVER, server, project_id)                      \
	X(IX_PROJECT_NAME, PROJECT, project, name)                            \
	X(IX_USER_NAME, USER, user, name)                                     \
	X(IX_ASSIGNMENT_USER, ASSIGNMENT, assignment, user_id)                \
	X(IX_ASSIGNMENT_PROJECT, ASSIGNMENT, assignment, project_id)          \
	X(IX_APPCRED_USER, APPCRED, appcred, user_id)                         \
	X(IX_SECRET_NAME, SECRET, secret, name)

/* X(order, NAME, struct, member, member, member): rows of the kind ordered by the members, then by id; those of which
 * one is null are left out. */
#define EVERY_ORDER(X)                                                        \
	X(OX_REST_POOL, REST, rest, subnet_id, rests_until, row.id)           \
	X(OX_REST_OWN, REST, rest, subnet_id, project_id, rests_until)
