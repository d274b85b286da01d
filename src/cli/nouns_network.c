/* The nouns of the Network API: what the schema does not say about their command line.
 * Rows for noun.h's tables; no logic but preparing a router's gateway. */
#include "cli/nouns.h"
#include "cli/nouns_rows.h"

#include "cli/cli.h"

#include <string.h>

static const struct key route_keys[] = {
	{"destination", "destination"},
	{"gateway", "nexthop"},
	{"nexthop", "nexthop"},
	{0},
};
static const struct key fixed_ip_keys[] = {
	{"subnet", "subnet_id", "subnet"},
	{"subnet-id", "subnet_id", "subnet"},
	{"ip-address", "ip_address"},
	{0},
};

/* --- floating IPs --- */

static const struct field fip_fields[] = {
	{"floating_network_id", "network", .flags = FIELD_SAME | FIELD_ARG, .value = "NETWORK"},
	{"floating_ip_address", "address", .doc = "The public address; create: this very one"},
	{"port_id", "port", .form = FORM_PORT,
	 .doc = "Port to associate it with, or an instance that has one port"},
	{"fixed_ip_address", "fixed-ip", .doc = "Which address of the port"},
	{"subnet_id", "subnet", .doc = "Subnet that its address comes from"},
	OWNER_ROW,
	TAG_ROWS,
	{0},
};
static const struct arg associate_args[] = {{"FIP", "fip"}, {"PORT|INSTANCE", "port"}, {0}};
static const struct arg fip_arg[] = {{"FIP", "fip"}, {0}};
static const struct arg released_args[] = {{"ADDRESS|ID", "quarantine"}, {0}};
static const struct arg swap_args[] = {{"FIP", "fip"}, {"OTHER", "fip"}, {0}};
static const struct opt stats_opts[] = {
	{"watch", NULL, "Show them again every 2 s, until it is interrupted", 'w'},
	{0},
};
static const struct opt explain_opts[] = {
	{"from", "ADDRESS", "A packet to the floating IP, which this address sends"},
	{"to", "ADDRESS", "A packet that the floating IP's instance sends to this address"},
	{"tcp", "PORT", "A TCP SYN to this port"},
	{"udp", "PORT", "A UDP packet to this port"},
	{"icmp", NULL, "An ICMP echo request (the default)"},
	{"proto", "N", "A packet of the IP protocol of this number"},
	{"source-port", "N", "Its source port (40000)"},
	{"length", "N", "Its length in bytes, the IP header included (84)"},
	{"ttl", "N", "Its time to live (64)"},
	{"df", NULL, "It must not be fragmented"},
	{"live", NULL, "Show real packets of it as they pass, some of very many, until it is interrupted"},
	{0},
};
static const struct opt orphan_opts[] = {
	{"idle", "TIME", "Those without a packet for so long: 7d (the default), 12h, 30m"},
	{"out", NULL, "Count only what instances send: strangers' probes are no use"},
	{0},
};
static const struct verb fip_verbs[] = {
	{"associate", "Give a port the public address of a %s; takes it from the port that has it",
	 associate_args, .fields = FIELD_PUT, .picked = ",fixed_ip_address,", .run = fip_associate},
	{"disassociate", "Take a %s away from its port; the address stays allocated", fip_arg,
	 .run = fip_disassociate},
	{"swap", "Exchange the ports of a %s and another at one instant", swap_args, .run = fip_swap},
	{"orphans", "List the %ss that nobody seems to use, and why it looks so", NULL, orphan_opts,
	 .run = fip_orphans},
	{"take-back", "Get a %s back that was released a short while ago, by its address or its id",
	 released_args, .run = fip_take_back},
	{"stats", "Show what a %s carries: packets, rates, what was dropped and why, when the last one came",
	 fip_arg, stats_opts, .run = fip_stats},
	{"explain", "Say what happens to a packet of a %s, step by step, and why; no packet is sent", fip_arg,
	 explain_opts, .run = fip_explain},
	{0},
};
static const char *const fip_examples[] = {
	"buoy fip create ext_net",
	"buoy fip create ext_net --address 10.10.10.3 --port web1 --description 'web front'",
	"buoy fip create ext_net --reuse-tag web --port web1",
	"buoy fip associate 10.10.10.3 web1",
	"buoy fip associate 10.10.10.3 web1 --fixed-ip 172.16.101.7",
	"buoy fip disassociate 10.10.10.3",
	"buoy fip swap 10.10.10.3 10.10.10.4",
	"buoy fip stats 10.10.10.3 --watch",
	"buoy fip explain 10.10.10.3 --from 198.51.100.9 --tcp 443",
	"buoy fip explain 10.10.10.3 --to 198.51.100.9 --udp 53",
	"buoy fip explain 10.10.10.3 --live",
	"buoy fip list --status ACTIVE -f value -c floating_ip_address",
	"buoy fip delete 10.10.10.3 10.10.10.4",
	"buoy fip take-back 10.10.10.3",
	"buoy fip create ext_net --lease-seconds 86400",
	"buoy fip orphans --idle 30d --out",
	NULL,
};
static const struct noun noun_fip = {
	.name = "fip",
	.aliases = ",floatingip,floating-ip,",
	.title = "floating IP",
	.service = SERVICE_NETWORK,
	.path = "/floatingips",
	.one = "floatingip",
	.many = "floatingips",
	.label = "floating_ip_address",
	.columns = "id,floating_ip_address,fixed_ip_address,port_id,status",
	.more = "floating_network_id,router_id,qos_policy_id,project_id,description,tags",
	.verbs = VERB_ALL,
	.kind = KIND_FLOATINGIP,
	.fields = fip_fields,
	.own = fip_verbs,
	.examples = fip_examples,
	.about = "A floating IP is a public address that a router translates, one to one, to a fixed IP of a "
		 "port.",
};

/* --- port forwardings --- */

static const struct field forwarding_fields[] = {
	{"internal_port_id", "port", .form = FORM_PORT,
	 .doc = "Port of the instance, or an instance that has one"},
	{"internal_ip_address", "fixed-ip", .doc = "Which address of the port (default: the first IPv4 one)"},
	{"internal_port", .flags = FIELD_RW},
	{"internal_port_range", .flags = FIELD_RW, .value = "FIRST:LAST"},
	{"external_port", .flags = FIELD_RWF},
	{"external_port_range", .flags = FIELD_RWF, .value = "FIRST:LAST"},
	{0},
};
static const char *const forwarding_examples[] = {
	"buoy fip port-forwarding create 10.10.10.3 --protocol tcp --external-port 2201 --port web1 "
	"--internal-port 22",
	"buoy fip port-forwarding create 10.10.10.3 --protocol udp --external-port-range 5000:5099 --port "
	"sip "
	"--internal-port-range 5000:5099",
	"buoy fip port-forwarding list 10.10.10.3",
	"buoy fip port-forwarding set 10.10.10.3 2201 --port web2",
	"buoy fip port-forwarding delete 10.10.10.3 2201",
	NULL,
};
static const struct noun noun_forwarding = {
	.name = "fip-port-forwarding",
	.aliases = ",port-forwarding,port-forwardings,floating-ip-port-forwarding,",
	.title = "port forwarding",
	.service = SERVICE_NETWORK,
	.path = "/floatingips/{above}/port_forwardings",
	.above = {"FIP", "fip"},
	.one = "port_forwarding",
	.many = "port_forwardings",
	.label = "external_port",
	.columns = "id,protocol,external_port_range,internal_ip_address,internal_port_range",
	.more = "internal_port_id,description",
	.verbs = VERB_ALL,
	.kind = KIND_PORT_FORWARDING,
	.fields = forwarding_fields,
	.examples = forwarding_examples,
	.about =
		"Ports of a floating IP that lead to ports of instances: many instances share one address. "
		"The "
		"floating\nIP is not associated then. A range leads to one of the same size, or to one port.",
};

/* --- change sets --- */

static const struct arg apply_args[] = {{"FILE"}, {0}};
static const struct verb apply_verbs[] = {
	{"", "Move, swap and release floating IPs at one instant, as a file says", apply_args,
	 .run = apply_run},
	{0},
};
static const char *const apply_examples[] = {
	"buoy apply wanted.yaml",
	"echo '{10.10.10.3: web2, 10.10.10.4: web1}' | buoy apply -",
	"echo '10.10.10.3: {port: web1, fixed-ip: 172.16.101.7, revision: 4}' | buoy apply -",
	"echo '10.10.10.5: null' | buoy apply - # released",
	NULL,
};
static const struct noun noun_apply = {
	.name = "apply",
	.title = "change set",
	.service = SERVICE_NETWORK,
	.path = "/buoy/change-sets",
	.one = "change_set",
	.columns = "id,floating_ip_address,fixed_ip_address,port_id,status",
	.more = "floating_network_id,router_id,project_id,description,tags",
	.own = apply_verbs,
	.examples = apply_examples,
	.about =
		"FILE is YAML or JSON; - is the standard input. All of it happens, or none; other floating "
		"IPs "
		"stay.\n"
		"Each entry is 'FLOATING-IP: PORT'. The port may be an instance that has one, or null, which "
		"releases\n"
		"the address; or an object of port, fixed-ip (which address of the port) and revision "
		"(refuse "
		"when\n"
		"the floating IP has been changed since). The order means nothing: what counts is the end.",
};

/* --- networks --- */

static const struct field network_fields[] = {
	NAME_ROW,
	OWNER_ROW,
	SWITCH_ROW,
	{"shared", "share", "no-share"},
	{"router:external", "external", "internal"},
	{"is_default", "default", "no-default"},
	{"buoy:rest_seconds", "rest-seconds"},
	{"buoy:rest_strict", "rest-strict", "no-rest-strict"},
	TAG_ROWS,
	{0},
};
static const char *const network_examples[] = {
	"buoy network create net100",
	"buoy network create ext_net --external --provider-network-type flat --provider-physical-network "
	"public",
	"buoy network list --external",
	"buoy network set net100 --mtu 1400",
	NULL,
};
static const struct noun noun_network = {
	.name = "network",
	.aliases = ",net,networks,",
	.title = "network",
	.service = SERVICE_NETWORK,
	.path = "/networks",
	.one = "network",
	.many = "networks",
	.label = "name",
	.columns = "id,name,status,subnets",
	.more = "project_id,admin_state_up,shared,router:external,mtu,provider:network_type,tags",
	.verbs = VERB_ALL,
	.kind = KIND_NETWORK,
	.fields = network_fields,
	.examples = network_examples,
};

/* --- subnets --- */

static const struct field subnet_fields[] = {
	NAME_ROW,
	OWNER_ROW,
	{"ip_version", .flags = FIELD_POST | FIELD_FILTER, .doc = "4 or 6 (default: that of the CIDR)"},
	{"cidr", .value = "ADDRESS/LENGTH"},
	{"gateway_ip", "gateway", .flags = FIELD_SAME | FIELD_EMPTY},
	{"subnetpool_id", "subnet-pool"},
	{"prefixlen", "prefix-length", .value = "LENGTH"},
	{"use_default_subnetpool", "use-default-subnet-pool"},
	{"enable_dhcp", "dhcp", "no-dhcp"},
	{"allocation_pools", .value = "start=A,end=B"},
	{"host_routes", .keys = route_keys, .value = "destination=CIDR,gateway=A"},
	TAG_ROWS,
	{0},
};
static const char *const subnet_examples[] = {
	"buoy subnet create sub100 --network net100 --cidr 172.16.100.0/24",
	"buoy subnet create ext_sub --network ext_net --cidr 10.10.10.0/24 --gateway 10.10.10.1 --no-dhcp "
	"--allocation-pool start=10.10.10.3,end=10.10.10.200",
	"buoy subnet set sub100 --dns-nameserver 9.9.9.9",
	NULL,
};
static const struct noun noun_subnet = {
	.name = "subnet",
	.aliases = ",subnets,",
	.title = "subnet",
	.service = SERVICE_NETWORK,
	.path = "/subnets",
	.one = "subnet",
	.many = "subnets",
	.label = "name",
	.columns = "id,name,network_id,cidr",
	.more = "project_id,gateway_ip,subnetpool_id,enable_dhcp,allocation_pools,dns_nameservers,host_"
		"routes,tags",
	.verbs = VERB_ALL,
	.kind = KIND_SUBNET,
	.fields = subnet_fields,
	.examples = subnet_examples,
	.prepare = subnet_prepare,
};

/* --- ports --- */

static const struct key dhcp_opt_keys[] = {
	{"name", "opt_name"},
	{"value", "opt_value"},
	{"ip-version", "ip_version", .number = true},
	{0},
};
static const struct field port_fields[] = {
	NAME_ROW,
	OWNER_ROW,
	SWITCH_ROW,
	{"fixed_ips", .flags = FIELD_SAME | FIELD_EMPTY, .value = "subnet=S,ip-address=A",
	 .doc = "Address; without ip-address the next free one"},
	{"device_id", "device", .value = "INSTANCE"},
	{"allowed_address_pairs", "allowed-address", .value = "ip-address=A,mac-address=M"},
	{"extra_dhcp_opts", "extra-dhcp-option", .flags = FIELD_RW, .keys = dhcp_opt_keys,
	 .value = "name=N,value=V",
	 .doc = "DHCP option by its name or number; without a value it is taken away"},
	{"binding:vnic_type", "vnic-type"},
	{"binding:host_id", "host"},
	TAG_ROWS,
	{0},
};
static const struct arg port_arg[] = {{"PORT", "port"}, {0}};
static const struct opt plug_opts[] = {
	{"netns", "NAMESPACE", "Make a pair of devices, the instance's end in this network namespace"},
	{"tap", "DEVICE", "Use a device that exists, e.g. the tap that a virtual machine has opened"},
	{"name", "NAME", "What the device is called in the namespace (eth0)"},
	{"no-address", NULL, "Leave addresses and routes to DHCP, or to somebody else"},
	{0},
};
static const struct verb port_verbs[] = {
	{"plug", "Connect a %s with a namespace or a device of this machine", port_arg, plug_opts,
	 .run = port_plug},
	{"unplug", "Take away what 'plug' made for a %s", port_arg, .run = port_unplug},
	{0},
};
static const char *const port_examples[] = {
	"buoy port create web1 --network net100 --fixed-ip ip-address=172.16.100.3",
	"buoy port list --network net100 --fixed-ip ip-address=172.16.100.3",
	"buoy port set web1 --device vm7 --no-allowed-address",
	"buoy port set web1 --extra-dhcp-option name=bootfile-name,value=pxelinux.0",
	"ip netns add web1 && buoy port plug web1 --netns web1",
	"buoy port plug web1 --tap vnet3",
	"buoy port unplug web1",
	NULL,
};
static const struct noun noun_port = {
	.name = "port",
	.aliases = ",ports,",
	.title = "port",
	.service = SERVICE_NETWORK,
	.path = "/ports",
	.one = "port",
	.many = "ports",
	.label = "name",
	.columns = "id,name,mac_address,fixed_ips,status",
	.more = "network_id,device_owner,device_id,project_id,tags",
	.verbs = VERB_ALL,
	.kind = KIND_PORT,
	.fields = port_fields,
	.own = port_verbs,
	.examples = port_examples,
	.prepare = port_prepare,
};

/* --- routers --- */

static const struct field router_fields[] = {
	NAME_ROW,
	OWNER_ROW,
	SWITCH_ROW,
	{"external_gateway_info", .flags = FIELD_HIDE},
	{"external_gateway_info/network_id", "external-gateway", NULL, FORM_REF,
	 FIELD_RW | FIELD_NULL | FIELD_ABOUT, "network", .doc = "External network that is its gateway"},
	{"external_gateway_info/enable_snat", "enable-snat", "disable-snat", FORM_BOOL, FIELD_RW,
	 .doc = "Instances without a floating IP leave with the gateway's address"},
	{"external_gateway_info/external_fixed_ips", "fixed-ip", NULL, FORM_OBJECTS, FIELD_RW, NULL,
	 fixed_ip_keys, "subnet=S,ip-address=A", "Address of the gateway"},
	{"external_gateway_info/qos_policy_id", "qos-policy", "no-qos-policy", FORM_REF,
	 FIELD_RW | FIELD_NULL, "qos-policy",
	 .doc = "QoS policy that limits what leaves with the gateway's address"},
	{"enable_default_route_ecmp", "enable-default-route-ecmp", "disable-default-route-ecmp",
	 .doc = "Whether connections are spread over all gateways"},
	{"routes", .keys = route_keys, .value = "destination=CIDR,gateway=A",
	 .doc = "Extra route; set replaces all of them, add-route does not"},
	TAG_ROWS,
	{0},
};
static const struct arg router_subnet_args[] = {{"ROUTER", "router"}, {"SUBNET", "subnet"}, {0}};
static const struct arg router_port_args[] = {{"ROUTER", "router"}, {"PORT", "port"}, {0}};
static const struct arg router_network_args[] = {{"ROUTER", "router"}, {"NETWORK", "network"}, {0}};
static const struct arg router_arg[] = {{"ROUTER", "router"}, {0}};
#define GATEWAY_FIELDS                                                                                       \
	",external_gateway_info/enable_snat,external_gateway_info/external_fixed_ips,"                       \
	"external_gateway_info/qos_policy_id,"
static const struct verb router_verbs[] = {
	{"add-subnet", "Connect a subnet with a %s; it gets the subnet's gateway address", router_subnet_args,
	 .run = router_add_subnet},
	{"remove-subnet", "Disconnect a subnet from a %s", router_subnet_args, .run = router_remove_subnet},
	{"add-port", "Make a port an interface of a %s", router_port_args, .run = router_add_port},
	{"remove-port", "Take an interface away from a %s; this deletes the port", router_port_args,
	 .run = router_remove_port},
	{"set-gateway", "Connect a %s with an external network", router_network_args, .fields = FIELD_PUT,
	 .picked = GATEWAY_FIELDS, .run = router_set_gateway},
	{"unset-gateway", "Disconnect a %s from its external network", router_arg,
	 .run = router_unset_gateway},
	{"add-gateway", "Add a gateway to an external network to a %s", router_network_args,
	 .fields = FIELD_PUT, .picked = GATEWAY_FIELDS, .run = router_add_gateway},
	{"remove-gateway", "Take a gateway away from a %s; --fixed-ip says which of several to one network",
	 router_network_args, .fields = FIELD_PUT, .picked = ",external_gateway_info/external_fixed_ips,",
	 .run = router_remove_gateway},
	{"add-route", "Add extra routes to a %s", router_arg, .fields = FIELD_PUT, .picked = ",routes,",
	 .run = router_add_route},
	{"remove-route", "Remove extra routes from a %s", router_arg, .fields = FIELD_PUT,
	 .picked = ",routes,", .run = router_remove_route},
	{0},
};
static const char *const router_examples[] = {
	"buoy router create router1 --external-gateway ext_net",
	"buoy router add-subnet router1 sub100",
	"buoy router set-gateway router1 ext_net --disable-snat",
	"buoy router add-gateway router1 ext_two",
	"buoy router set router1 --qos-policy slow",
	"buoy router add-route router1 --route destination=192.168.7.0/24,gateway=172.16.100.9",
	NULL,
};
static const struct noun noun_router = {
	.name = "router",
	.aliases = ",routers,",
	.title = "router",
	.service = SERVICE_NETWORK,
	.path = "/routers",
	.one = "router",
	.many = "routers",
	.label = "name",
	.columns = "id,name,status,admin_state_up,project_id",
	.more = "external_gateways,routes,tags",
	.verbs = VERB_ALL,
	.kind = KIND_ROUTER,
	.fields = router_fields,
	.own = router_verbs,
	.examples = router_examples,
	.prepare = router_prepare,
};

/* --- QoS --- */

static const struct field policy_fields[] = {
	NAME_ROW, OWNER_ROW, {"shared", "share", "no-share"}, {"is_default", "default", "no-default"},
	TAG_ROWS, {0},
};
static const char *const policy_examples[] = {
	"buoy qos policy create slow --share",
	"buoy qos rule create slow --max-kbps 100000 --direction egress",
	"buoy fip set 10.10.10.3 --qos-policy slow",
	"buoy fip set 10.10.10.3 --no-qos-policy",
	NULL,
};
static const struct noun noun_qos_policy = {
	.name = "qos-policy",
	.aliases = ",qos-policies,",
	.title = "QoS policy",
	.service = SERVICE_NETWORK,
	.path = "/qos/policies",
	.one = "policy",
	.many = "policies",
	.label = "name",
	.columns = "id,name,shared,is_default,project_id",
	.more = "rules,description,tags",
	.verbs = VERB_ALL,
	.kind = KIND_QOS_POLICY,
	.fields = policy_fields,
	.examples = policy_examples,
	.about = "A QoS policy limits the rates of the floating IPs that have it. Administrators make them.",
};

static const char *const rule_examples[] = {
	"buoy qos rule create slow --max-kbps 100000 --direction ingress",
	"buoy qos rule list slow",
	"buoy qos rule set slow egress --max-kbps 200000 --max-burst-kbps 50000",
	"buoy qos rule delete slow egress",
	NULL,
};
static const struct noun noun_qos_rule = {
	.name = "qos-rule",
	.aliases = ",qos-rules,",
	.title = "bandwidth limit",
	.service = SERVICE_NETWORK,
	.path = "/qos/policies/{above}/bandwidth_limit_rules",
	.above = {"POLICY", "qos-policy"},
	.one = "bandwidth_limit_rule",
	.many = "bandwidth_limit_rules",
	.label = "direction",
	.columns = "id,direction,max_kbps,max_burst_kbps",
	.verbs = VERB_ALL,
	.kind = KIND_QOS_RULE,
	.examples = rule_examples,
	.about = "A rule of a QoS policy: how fast a floating IP may be in one direction, as its instance "
		 "sees "
		 "it. What is faster is dropped.",
};

/* --- quotas, nodes, extensions --- */

static const struct arg project_arg[] = {{"PROJECT", "project", true}, {0}};
static const struct opt quota_opts[] = {
	{"usage", NULL, "Show what is used and reserved too"},
	{"default", NULL, "Show what holds for a project that has no limits of its own"},
	{0},
};
static const struct opt quota_set_opts[] = {
	{"check-limit", NULL, "Refuse a limit that is below what is used"},
	{0},
};
static const struct verb quota_verbs[] = {
	{"show", "Show the %s of a project, or of your own", project_arg, quota_opts, .run = quota_show},
	{"set", "Change the %s of a project; -1 is no limit", project_arg, quota_set_opts,
	 .fields = FIELD_PUT, .run = quota_set},
	{"delete", "Give a project the default %s again", project_arg, .run = quota_delete},
	{0},
};
static const char *const quota_examples[] = {
	"buoy quota show --usage",
	"buoy quota set demo --floatingip 50 --router -1",
	NULL,
};
static const struct noun noun_quota = {
	.name = "quota",
	.aliases = ",quotas,",
	.title = "quota",
	.service = SERVICE_NETWORK,
	.path = "/quotas",
	.one = "quota",
	.many = "quotas",
	.columns = "project_id,network,subnet,port,router,floatingip",
	.key = "project_id",
	.verbs = VERB_LIST,
	.kind = KIND_QUOTA,
	.own = quota_verbs,
	.examples = quota_examples,
};

static const struct field node_fields[] = {
	{"host", NULL, NULL, FORM_TEXT, FIELD_FILTER, .doc = "Only on this node"},
	{"alive", NULL, NULL, FORM_BOOL, FIELD_FILTER, .doc = "Only those that report"},
	{0},
};
static const char *const node_examples[] = {"buoy node list", "buoy node show gateway1", NULL};
static const struct noun noun_node = {
	.name = "node",
	.aliases = ",nodes,",
	.title = "node",
	.service = SERVICE_NETWORK,
	.path = "/agents",
	.among = "agent_type=L3%20agent",
	.one = "agent",
	.many = "agents",
	.label = "host",
	.columns = "id,host,agent_type,alive,admin_state_up",
	.more = "started_at,heartbeat_timestamp,availability_zone",
	.verbs = VERB_LIST | VERB_SHOW,
	.fields = node_fields,
	.examples = node_examples,
	.about = "A node runs the agent that makes routers, addresses and translations in its kernel. 'buoy "
		 "status' is "
		 "the short answer to whether all is well.",
};

static const char *const extension_examples[] = {"buoy extension list", "buoy extension show router", NULL};
static const struct noun noun_extension = {
	.name = "extension",
	.aliases = ",extensions,",
	.title = "API extension",
	.service = SERVICE_NETWORK,
	.path = "/extensions",
	.one = "extension",
	.many = "extensions",
	.key = "alias",
	.columns = "alias,name",
	.more = "description,updated",
	.verbs = VERB_LIST | VERB_SHOW,
	.examples = extension_examples,
};

const struct noun *const nouns[] = {
	&noun_fip,
	&noun_quarantine,
	&noun_transfer,
	&noun_apply,
	&noun_history,
	&noun_network,
	&noun_network_rbac,
	&noun_auto_topology,
	&noun_subnet,
	&noun_subnet_pool,
	&noun_address_scope,
	&noun_port,
	&noun_router,
	&noun_forwarding,
	&noun_qos_policy,
	&noun_qos_rule,
	&noun_quota,
	&noun_node,
	&noun_agent,
	&noun_zone,
	&noun_fip_pool,
	&noun_ip_availability,
	&noun_flavor,
	&noun_service_profile,
	&noun_service_provider,
	&noun_extension,
	&noun_user,
	&noun_project,
	&noun_domain,
	&noun_role,
	&noun_role_assignment,
	&noun_application_credential,
	&noun_token,
	&noun_catalog,
	&noun_nova,
	&noun_nova_manage,
	&noun_status,
	&noun_api,
	&noun_complete,
	&noun_help,
	NULL,
};
