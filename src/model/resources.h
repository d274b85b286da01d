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

#define SHAPE_ROUTE(A, H, S)                                                                            \
	A(S, struct cidr, destination, "destination", CIDR, A_RW | A_REQ, .doc = "Destination network") \
	A(S, struct ip, nexthop, "nexthop", IP, A_RW | A_REQ, .doc = "Next hop")

/* ip_address is one address or a prefix. */
#define SHAPE_PAIR(A, H, S)                                                                                  \
	A(S, const char *, ip_address, "ip_address", STR, A_RW | A_REQ, .doc = "Address or prefix")      \
	A(S, struct mac, mac_address, "mac_address", MAC, A_RW, .doc = "MAC address (default: the port's)")

#define SHAPE_GATEWAY(A, H, S)                                                                             \
	A(S, struct uuid, network_id, "network_id", UUID, A_RW | A_REQ, .ref = KIND_NETWORK,            \
	  .doc = "External network")                                                                  \
	A(S, bool, enable_snat, "enable_snat", BOOL, A_RW, .def = "true",                               \
	  .doc = "Whether instances without a floating IP leave with the gateway's address")         \
	A(S, struct list, external_fixed_ips, "external_fixed_ips", LIST, A_RW, .item = &shape_fixed_ip, \
	  .doc = "Addresses of the gateway")

/* --- what every network resource has --- */

#define ROW_ID(A, H, S) H(S, row.id, "id", UUID, A_FS, .doc = "Id")
#define ROW_OWNER(A, H, S)                                                                               \
	A(S, const char *, project_id, "project_id", STR, A_POST | A_FS, .alias = "tenant_id",        \
	  .doc = "Project that owns it")
#define ROW_STANDARD(A, H, S)                                                                                    \
	A(S, const char *, description, "description", STR, A_RW | A_FS, .def = "\"\"", .doc = "Free text")  \
	A(S, struct list, tags, "tags", LIST, 0, .item = &shape_tag, .max = 50, .doc = "Tags")                \
	H(S, row.created_at, "created_at", TIME, A_FS, .doc = "When it was made")                           \
	H(S, row.updated_at, "updated_at", TIME, A_FS, .doc = "When it was last changed")                   \
	H(S, row.revision_number, "revision_number", INT, A_FS, .doc = "Counts its changes")
#define ROW_NAME(A, H, S) A(S, const char *, name, "name", STR, A_RW | A_FS, .def = "\"\"", .doc = "Name")
#define ROW_ADMIN_STATE(A, H, S)                                                                     \
	A(S, bool, admin_state_up, "admin_state_up", BOOL, A_RW | A_FS, .def = "true",            \
	  .doc = "Whether it is switched on")
#define ROW_STATUS(A, H, S) H(S, row, "status", STR, A_COMPUTED | A_FILTER, .doc = "ACTIVE, DOWN or ERROR")

/* --- network API --- */

#define SHAPE_NETWORK(A, H, S)                                                                                     \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S) ROW_ADMIN_STATE(A, H, S) ROW_STATUS(A, H, S)                                  \
	A(S, bool, shared, "shared", BOOL, A_RW | A_FS | A_ADMIN, .def = "false", .doc = "Seen by all projects") \
	A(S, bool, external, "router:external", BOOL, A_RW | A_FS | A_ADMIN, .def = "false",                    \
	  .doc = "Whether floating IPs and router gateways come from it")                                    \
	A(S, int64_t, mtu, "mtu", INT, A_RW | A_FS, .min = 68, .max = 65535, .doc = "Largest packet, in bytes") \
	A(S, const char *, network_type, "provider:network_type", STR,                                          \
	  A_POST | A_FS | A_ADMIN | A_ADMIN_SEE, .one_of = "flat|local|vxlan", .doc = "flat, local or vxlan") \
	A(S, const char *, physical_network, "provider:physical_network", STR,                                  \
	  A_POST | A_FS | A_ADMIN | A_ADMIN_SEE | A_NULL, .doc = "Name from [physical_networks]")            \
	A(S, int64_t, segmentation_id, "provider:segmentation_id", INT,                                         \
	  A_POST | A_FS | A_ADMIN | A_ADMIN_SEE | A_NULL, .min = 1, .max = 16777215, .doc = "VXLAN id")      \
	H(S, row, "subnets", JSON, A_COMPUTED, .doc = "Ids of its subnets")                                   \
	ROW_STANDARD(A, H, S)

#define SHAPE_SUBNET(A, H, S)                                                                                       \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                                    \
	A(S, struct uuid, network_id, "network_id", UUID, A_POST | A_REQ | A_FS, .ref = KIND_NETWORK,            \
	  .doc = "Its network")                                                                               \
	A(S, int64_t, ip_version, "ip_version", INT, A_POST | A_REQ | A_FS, .min = 4, .max = 6, .doc = "4 or 6") \
	A(S, struct cidr, cidr, "cidr", CIDR, A_POST | A_REQ | A_FS, .doc = "Its prefix")                        \
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
	A(S, const char *, vnic_type, "binding:vnic_type", STR, A_RW | A_FS, .def = "\"normal\"",             \
	  .one_of = "normal|macvtap|direct|baremetal|direct-physical|virtio-forwarder|smart-nic",          \
	  .doc = "Kind of interface")                                                                      \
	A(S, const char *, host_id, "binding:host_id", STR, A_RW | A_FS | A_ADMIN | A_ADMIN_SEE | A_NULL, .def = "\"\"", \
	  .doc = "Node that it is bound to")                                                               \
	A(S, const char *, binding_profile, "binding:profile", JSON, A_RW | A_ADMIN | A_ADMIN_SEE | A_NULL,   \
	  .def = "{}", .max = 4095, .doc = "Free data of the binding")                                      \
	H(S, row, "binding:vif_type", STR, A_COMPUTED | A_ADMIN_SEE, .doc = "bridge or unbound")            \
	H(S, row, "binding:vif_details", JSON, A_COMPUTED | A_ADMIN_SEE, .doc = "Details of the binding")   \
	ROW_STANDARD(A, H, S)

#define SHAPE_ROUTER(A, H, S)                                                                               \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S) ROW_ADMIN_STATE(A, H, S) ROW_STATUS(A, H, S)                           \
	A(S, struct gateway, external_gateway_info, "external_gateway_info", OBJECT, A_RW | A_NULL,      \
	  .item = &shape_gateway, .doc = "Gateway to an external network")                            \
	A(S, struct list, routes, "routes", LIST, A_PUT, .item = &shape_route, .max = 30,                \
	  .doc = "Extra routes")                                                                      \
	A(S, struct uuid, gw_port_id, "gw_port_id", UUID, A_HIDDEN | A_NULL, .doc = "Its gateway port")  \
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
	ROW_STATUS(A, H, S)                                                                                       \
	H(S, row, "port_details", JSON, A_COMPUTED, .doc = "The associated port")                            \
	ROW_STANDARD(A, H, S)

#define SHAPE_QOS_POLICY(A, H, S)                                                                                \
	ROW_ID(A, H, S) ROW_NAME(A, H, S) ROW_OWNER(A, H, S)                                                     \
	A(S, bool, shared, "shared", BOOL, A_RW | A_FS | A_ADMIN, .def = "false", .doc = "Seen by all projects") \
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

/* One row for each project that has limits of its own; -1: no limit. */
#define SHAPE_QUOTA(A, H, S)                                                                             \
	H(S, row.id, "id", UUID, A_HIDDEN, .doc = "Id")                                             \
	A(S, const char *, project_id, "project_id", STR, A_HIDDEN, .doc = "Project")                 \
	A(S, int64_t, network, "network", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Networks") \
	A(S, int64_t, subnet, "subnet", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Subnets")   \
	A(S, int64_t, port, "port", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Ports")         \
	A(S, int64_t, router, "router", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Routers")   \
	A(S, int64_t, floatingip, "floatingip", INT, A_PUT, .min = -1, .max = 2147483647, .doc = "Floating IPs")

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
	X(HEXREF, hexref_item, shape_hexref, "id", "")           \
	X(NIC, nic, shape_nic, "nic", "")                        \
	X(FIXED_IP, fixed_ip, shape_fixed_ip, "fixed_ip", "")    \
	X(POOL, pool, shape_pool, "allocation_pool", "")         \
	X(ROUTE, ip_route, shape_route, "route", "")             \
	X(PAIR, pair, shape_pair, "address_pair", "")            \
	X(GATEWAY, gateway, shape_gateway, "external_gateway_info", "")

/* X(NAME, struct, "name", "plural", "Type", "path"): the resources below /v2.0 that have hooks,
 * `<struct>_resource`. The generic verbs, routes and tags serve them. */
#define EVERY_NETWORK_KIND(X)                                                                              \
	X(NETWORK, network, "network", "networks", "Network", "networks")                                  \
	X(SUBNET, subnet, "subnet", "subnets", "Subnet", "subnets")                                        \
	X(PORT, port, "port", "ports", "Port", "ports")                                                    \
	X(ROUTER, router, "router", "routers", "Router", "routers")                                        \
	X(QOS_POLICY, qos_policy, "policy", "policies", "QosPolicy", "qos/policies")                       \
	X(FLOATINGIP, floatingip, "floatingip", "floatingips", "FloatingIP", "floatingips")

/* X as above: those that live in a row of another kind. Their attribute after the id, with A_PARENT, says in which;
 * its id is the {} of the path. They have hooks and the generic verbs and routes, but no tags. Who sees or may change
 * the parent sees or may change them, and the parent's revision counts their changes. */
#define EVERY_NESTED_KIND(X)                                                                               \
	X(QOS_RULE, qos_rule, "bandwidth_limit_rule", "bandwidth_limit_rules", "QosRule",                  \
	  "qos/policies/{}/bandwidth_limit_rules")

/* X as above: every kind; the network API's come before the identity API's. */
#define EVERY_KIND(X)                                                                                      \
	EVERY_NETWORK_KIND(X)                                                                              \
	EVERY_NESTED_KIND(X)                                                                               \
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
	X(IX_PORT_NETWORK, PORT, port, network_id)                            \
	X(IX_PORT_PROJECT, PORT, port, project_id)                            \
	X(IX_PORT_DEVICE, PORT, port, device_id)                              \
	X(IX_PORT_MAC, PORT, port, mac_address)                               \
	X(IX_ROUTER_PROJECT, ROUTER, router, project_id)                      \
	X(IX_FLOATINGIP_PROJECT, FLOATINGIP, floatingip, project_id)          \
	X(IX_FLOATINGIP_ADDRESS, FLOATINGIP, floatingip, floating_ip_address) \
	X(IX_FLOATINGIP_FIXED, FLOATINGIP, floatingip, fixed_ip_address)      \
	X(IX_FLOATINGIP_PORT, FLOATINGIP, floatingip, port_id)                \
	X(IX_FLOATINGIP_ROUTER, FLOATINGIP, floatingip, router_id)            \
	X(IX_FLOATINGIP_NETWORK, FLOATINGIP, floatingip, floating_network_id) \
	X(IX_FLOATINGIP_POLICY, FLOATINGIP, floatingip, qos_policy_id)        \
	X(IX_RULE_POLICY, QOS_RULE, qos_rule, qos_policy_id)                  \
	X(IX_QUOTA_PROJECT, QUOTA, quota, project_id)                         \
	X(IX_SERVER_PROJECT, SERVER, server, project_id)                      \
	X(IX_PROJECT_NAME, PROJECT, project, name)                            \
	X(IX_USER_NAME, USER, user, name)                                     \
	X(IX_ASSIGNMENT_USER, ASSIGNMENT, assignment, user_id)                \
	X(IX_ASSIGNMENT_PROJECT, ASSIGNMENT, assignment, project_id)          \
	X(IX_APPCRED_USER, APPCRED, appcred, user_id)                         \
	X(IX_SECRET_NAME, SECRET, secret, name)
