/* buoyd.conf: read once at the start, checked as a whole, then constant.
 * The reader is a table of keys; buoyd.conf(5) documents them. */
#pragma once
#include "api/api.h"
#include "daemon/publish.h"
#include "plan/plan.h"

struct config {
	void *region; /* talloc: owns every string and array below */
	/* [api] */
	const char *listen, *public_url, *tls_certificate, *tls_key, *region_name, *user;
	int64_t threads, idempotency_seconds;
	/* [database] */
	const char *database;
	/* [identity] */
	const char *identity_mode;
	int64_t token_lifetime_s;
	const char *keystone_url, *keystone_username, *keystone_password, *keystone_project, *keystone_domain;
	/* [node] */
	const char *node_name, *availability_zone, *run_netns, *bpf_folder;
	int64_t read_back_s;
	/* [network] */
	const char *tenant_network_type, *vxlan_local, *vxlan_peers, *datapath, *uplink_hook;
	int64_t vxlan_port, vni_min, vni_max, mtu, apply_wait_ms;
	/* [physical_networks] */
	struct physical_network *physical;
	size_t physical_count;
	/* [nova_network]; "": not given */
	const char *public_interface, *fixed_bridge, *fixed_range, *fixed_gateway, *fixed_network,
		*fixed_router;
	const char *default_pool, *pool_physical_network, *metadata;
	/* [history] */
	const char *keep;
	/* [dhcp], [dns] */
	const char *dhcp_serve, *dns_domain, *dns_upstream;
	const char *dns_server, *dns_key_name, *dns_key_algorithm, *dns_key_file, *dns_reverse;
	int64_t dhcp_lease_s, dns_ttl_s;
	/* [floating_ips] */
	int64_t rest_seconds;
	/* [quota] */
	struct quota_limits quota;
	/* derived */
	struct plan_node node;
	struct api_config api;
	struct publish_settings publish; /* but for the secret, which is in dns_key_file */
	int64_t keep_us;                 /* of events; 0: for ever */
	struct cidr nova_range;          /* fixed_range */
	struct ip nova_gateway; /* fixed_gateway; null: the bridge's own address, which the start asks for */
	const char *nova_fixed_physical; /* the physical network of fixed_bridge */
};

/* Reads the file (NULL: all defaults). Every mistake names the file, the line and what is right. */
int config_load(const char *path, struct config *ret, struct err *err);
/* The same from text: for tests and the fuzzer. */
int config_parse(const char *text, struct config *ret, struct err *err);
void config_done(struct config *c);
#define AUTO_CONFIG CLEANUP(config_done)
