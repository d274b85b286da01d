/* The extensions that work: clients and tests switch code paths on these aliases.
 * Add a row only when everything that the alias promises is there, data path included. */
#include "api/frame.h"

#include <string.h>

static const struct extension {
	const char *alias, *name, *description, *updated;
} extensions[] = {
	{"router", "Neutron L3 Router", "Routers with gateways, and floating IPs.",
	 "2012-07-20T10:00:00-00:00"},
	{"external-net", "Neutron external network", "Networks that gateways and floating IPs come from.",
	 "2013-01-14T10:00:00-00:00"},
	{"ext-gw-mode", "Neutron L3 Configurable external gateway mode",
	 "Source NAT of a router can be switched off.", "2013-03-28T10:00:00-00:00"},
	{"extraroute", "Neutron Extra Route", "Static routes of a router.", "2013-02-01T10:00:00-00:00"},
	{"extraroute-atomic", "Atomically add/remove extra routes",
	 "Single routes are added and removed in one step.", "2019-07-10T00:00:00+00:00"},
	{"quotas", "Quota management support", "Limits of a project.", "2012-07-29T10:00:00-00:00"},
	{"quota_details", "Quota details management support", "How much of its limits a project uses.",
	 "2017-02-10T10:00:00-00:00"},
	{"quota-check-limit", "Quota engine limit check", "A limit below what is used can be refused.",
	 "2021-09-08T16:00:00-00:00"},
	{"floatingip-pools", "Floating IP Pools Extension", "The subnets that floating IPs come from.",
	 "2018-03-21T10:00:00-00:00"},
	{"network-ip-availability", "Network IP Availability",
	 "How many addresses each network has, and has given.", "2015-09-24T00:00:00-00:00"},
	{"provider", "Provider Network", "What a network is made of, for administrators.",
	 "2012-09-07T10:00:00-00:00"},
	{"net-mtu", "Network MTU", "The largest packet of a network.", "2015-03-25T10:00:00-00:00"},
	{"net-mtu-writable", "Network MTU (writable)", "The largest packet of a network can be chosen.",
	 "2017-07-12T00:00:00-00:00"},
	{"standard-attr-description", "standard-attr-description", "Free text on every resource.",
	 "2016-02-10T10:00:00-00:00"},
	{"standard-attr-timestamp", "Resource timestamps", "When a resource was made and last changed.",
	 "2016-09-12T10:00:00-00:00"},
	{"standard-attr-revisions", "Resource revision numbers", "A counter of a resource's changes.",
	 "2016-04-11T10:00:00-00:00"},
	{"standard-attr-tag", "Tag support for resources with standard attribute", "Tags on every resource.",
	 "2017-01-01T00:00:00-00:00"},
	{"revision-if-match", "If-Match constraints based on revision_number",
	 "A change can be bound to the revision that it was made for.", "2016-12-11T00:00:00-00:00"},
	{"project-id", "project_id field enabled", "Owners are called project_id as well.",
	 "2016-09-09T09:09:09-09:09"},
	{"pagination", "Pagination support", "Lists come in pages.", "2016-06-12T00:00:00-00:00"},
	{"sorting", "Sorting support", "Lists can be sorted.", "2016-06-12T00:00:00-00:00"},
	{"sort-key-validation", "Sort key validation", "Keys that lists cannot be sorted by are refused.",
	 "2018-04-01T10:00:00-00:00"},
	{"filter-validation", "Filter parameters validation", "Filters that do not exist are refused.",
	 "2018-03-21T10:00:00-00:00"},
	{"empty-string-filtering", "Empty String Filtering Extension",
	 "Lists can be filtered by what is empty.", "2018-04-09T10:00:00-00:00"},
	{"ip-substring-filtering", "IP address substring filtering",
	 "Ports can be found by a part of their address.", "2017-11-28T09:00:00-00:00"},
	{"binding", "Port Binding", "Where a port is plugged in, for administrators.",
	 "2014-02-03T10:00:00-00:00"},
	{"allowed-address-pairs", "Allowed Address Pairs", "Further addresses that a port may use.",
	 "2013-07-23T10:00:00-00:00"},
	{"extra_dhcp_opt", "Neutron Extra DHCP options", "DHCP options of a port.",
	 "2013-03-17T12:00:00-00:00"},
	{"dns-integration", "DNS Integration", "Names of ports, networks and floating IPs.",
	 "2015-08-15T18:00:00-00:00"},
	{"dns-domain-ports", "dns_domain for ports", "A port's name may be in a domain of its own.",
	 "2017-06-25T18:00:00-00:00"},
	{"fip-port-details", "Floating IP Port Details Extension",
	 "A floating IP shows the port that it leads to.", "2018-04-09T10:00:00-00:00"},
	{"qos", "Quality of Service",
	 "Policies with limits of rates; for floating IPs and routers' gateways.",
	 "2015-06-08T10:00:00-00:00"},
	{"qos-fip", "Floating IP QoS", "A floating IP may have a QoS policy.", "2017-07-20T00:00:00-00:00"},
	{"qos-gateway-ip", "Router gateway IP QoS", "A router's gateway may have a QoS policy.",
	 "2018-02-24T00:00:00-00:00"},
	{"external-gateway-multihoming", "Neutron L3 External Gateway Multihoming",
	 "A router may have several gateways, to several networks or to one.", "2023-01-18T00:00:00-00:00"},
	{"enable-default-route-ecmp", "Enable Default Route ECMP",
	 "What has no floating IP is spread over all gateways of a router.", "2023-02-27T00:00:00-00:00"},
	{"l3-port-ip-change-not-allowed", "Prevent L3 router ports IP address change extension",
	 "Addresses of a router's ports are changed with the router only.", "2018-10-09T10:00:00-00:00"},
	{"qos-bw-limit-direction", "Direction for QoS bandwidth limit rule",
	 "A limit is for what an instance sends or for what comes to it.", "2017-04-10T10:00:00-00:00"},
	{"agent", "agent", "What each node has applied; agents can be switched off.",
	 "2013-02-03T10:00:00-00:00"},
	{"l3_agent_scheduler", "L3 Agent Scheduler",
	 "Routers are taken from their agent, and given to it again.", "2013-02-07T10:00:00-00:00"},
	{"dhcp_agent_scheduler", "DHCP Agent Scheduler",
	 "The DHCP of networks is taken from its agent, and given to it again.", "2013-02-07T10:00:00-00:00"},
	{"availability_zone", "Availability Zone", "The zones that nodes are in.",
	 "2015-01-01T10:00:00-00:00"},
	{"availability_zone_filter", "Availability Zone Filter Extension", "Lists of zones can be filtered.",
	 "2018-06-22T10:00:00-00:00"},
	{"network_availability_zone", "Network Availability Zone", "Zones of a network's DHCP.",
	 "2015-01-01T10:00:00-00:00"},
	{"router_availability_zone", "Router Availability Zone", "Zones of a router.",
	 "2015-01-01T10:00:00-00:00"},
	{"subnet_allocation", "Subnet Allocation", "Subnets are taken from subnet pools.",
	 "2015-03-30T10:00:00-00:00"},
	{"auto-allocated-topology", "Auto Allocated Topology Services",
	 "A network with subnets and a router, made when somebody asks for it.", "2016-01-01T00:00:00-00:00"},
	{"default-subnetpools", "Default Subnetpools", "A subnet pool that is used when none is named.",
	 "2016-02-18T18:00:00-00:00"},
	{"subnetpool-prefix-ops", "Subnet Pool Prefix Operations",
	 "Prefixes are added to a subnet pool and removed from it.", "2019-02-08T10:00:00-00:00"},
	{"rbac-subnetpool", "Add subnetpool type to RBAC", "Subnet pools are shared with single projects.",
	 "2020-02-05T00:00:00-00:00"},
	{"address-scope", "Address scope",
	 "Networks within a scope are routed as they are, others are kept apart.",
	 "2015-07-26T10:00:00-00:00"},
	{"rbac-address-scope", "Add address_scope type to RBAC",
	 "Address scopes are shared with single projects.", "2020-02-12T00:00:00-00:00"},
	{"rbac-policies", "RBAC Policies", "Networks and QoS policies are shared with single projects.",
	 "2015-06-17T12:15:12-00:00"},
	{"floating-ip-port-forwarding", "Floating IP Port Forwarding",
	 "Single ports of a floating IP lead to ports of instances.", "2018-01-19T10:00:00-00:00"},
	{"floating-ip-port-forwarding-description", "Floating IP Port Forwarding new attribute description",
	 "Free text on a port forwarding.", "2019-11-01T10:00:00-00:00"},
	{"floating-ip-port-forwarding-detail", "Floating IP port forwarding detail",
	 "What a floating IP shows of its port forwardings has their ids.", "2022-05-06T10:00:00-00:00"},
	{"floating-ip-port-forwarding-port-ranges", "Floating IP Port Forwarding support port ranges",
	 "Many ports are forwarded by one port forwarding.", "2020-07-01T10:00:00-00:00"},
	{"expose-port-forwarding-in-fip", "Expose Floating IP port forwardings",
	 "A floating IP shows its port forwardings.", "2018-06-28T16:00:00-00:00"},
	{"tag-ports-during-bulk-creation", "Tag Ports During Bulk Creation",
	 "Ports are given tags when they are made.", "2019-12-29T19:00:00-00:00"},
	{"subnet-service-types", "Subnet service types",
	 "A subnet may be for ports of certain kinds, floating IPs or router gateways only.",
	 "2016-03-15T18:00:00-00:00"},
	{"qos-rule-type-details", "Details of QoS rule types", "What parameters a type of rule has.",
	 "2017-06-22T10:00:00-00:00"},
	{"service-type", "Neutron Service Type Management", "Who provides services.",
	 "2013-01-20T00:00:00-00:00"},
	{"flavors", "Neutron Service Flavors", "Flavors of services, and the profiles that they are made of.",
	 "2015-09-17T10:00:00-00:00"},
	{"l3-flavors", "Router Flavor Extension", "A router may have a flavor.", "2016-05-17T00:00:00-00:00"},
	{"buoy-quarantine", "Quarantine",
	 "A released address rests before another project can get it, and can be taken back until then: "
	 "/v2.0/buoy/quarantine.",
	 "2026-11-28T00:00:00-00:00"},
	{"buoy-idempotency", "Idempotency-Key",
	 "A POST under an Idempotency-Key is done once: its repetition gets the first answer.",
	 "2026-11-28T00:00:00-00:00"},
	{"buoy-reuse", "Allocate or reuse",
	 "A floating IP is allocated only if the project has none with a tag: reuse_tag.",
	 "2026-11-28T00:00:00-00:00"},
	{"buoy-leases", "Leases and orphans",
	 "A floating IP may be released by itself at a time: expires_at; and those that nobody seems to use "
	 "are "
	 "reported: /v2.0/buoy/orphans.",
	 "2026-11-28T00:00:00-00:00"},
	{"buoy-transfer", "Transfers of floating IPs",
	 "A project offers a floating IP to whoever has a key, another one accepts it: /v2.0/buoy/transfers.",
	 "2026-11-28T00:00:00-00:00"},
	{"buoy-change-sets", "Change sets",
	 "Any number of floating IPs are moved, swapped or released in one transaction: PUT "
	 "/v2.0/buoy/change-sets.",
	 "2026-11-22T00:00:00-00:00"},
	{"buoy-plan", "Planned writes",
	 "Any write with ?plan=1 is not done: the answer is what it would change, in objects and in the "
	 "kernel.",
	 "2026-11-28T00:00:00-00:00"},
	{"buoy-time-travel", "The past",
	 "Any read with ?as_of= a time or a revision is answered as it would have been then.",
	 "2026-11-28T00:00:00-00:00"},
	{"buoy-history", "Histories of addresses",
	 "Whose an address was, when, and where it led: /v2.0/buoy/history.", "2026-11-28T00:00:00-00:00"},
	{"buoy-drift", "Read back from the kernel",
	 "A floating IP's verified_at is the time at which the kernel was last seen to be right for it.",
	 "2026-11-28T00:00:00-00:00"},
};

static void print_extension(struct buf *b, const struct extension *e)
{
	buf_printf(b,
		   "{\"alias\": \"%s\", \"name\": \"%s\", \"description\": \"%s\", \"updated\": \"%s\", "
		   "\"links\": []}",
		   e->alias, e->name, e->description, e->updated);
}

int extensions_list(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	buf_puts(b, "{\"extensions\": [");
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		if (i)
			buf_puts(b, ", ");
		print_extension(b, &extensions[i]);
	}
	buf_puts(b, "]}");
	return 0;
}

int extensions_show(struct call *c, struct err *err)
{
	struct buf *b = &c->resp->body;

	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++) {
		if (strcmp(extensions[i].alias, c->arg[0]) != 0)
			continue;
		buf_puts(b, "{\"extension\": ");
		print_extension(b, &extensions[i]);
		buf_putc(b, '}');
		return 0;
	}
	return err_api(err, 404, "ExtensionNotFound", "Extension with alias %.100s does not exist",
		       c->arg[0]);
}
