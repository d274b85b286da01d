/* Addresses that rest after their release: who gets which, and when; holds by administrators; taking back.
 * Hooks of the generic verbs for /v2.0/buoy/quarantine, and what floating IPs and ports ask when they choose
 * an address. A row that rests holds its address as a floating IP would; what is in the way is found through
 * the orders of the schema. */
#include "api/net.h"

#include "api/frame.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

/* --- where it rests, and until when --- */

static const struct network *network_of(const struct snap *s, const struct uuid *id)
{
	return snap_get(s, KIND_NETWORK, id);
}

static int64_t now_s(const struct verb *v)
{
	return v->t->now_us / 1000000;
}

/* Seconds; 0: addresses of the network do not rest. */
static int64_t rest_of(const struct verb *v, const struct uuid *network_id)
{
	const struct network *n = network_of(net_snap(v), network_id);

	return n && n->rest_seconds >= 0 ? n->rest_seconds : v->c->api->config.rest_s;
}

static bool is_held(const struct rest *r)
{
	return r->rests_until == 0;
}

static bool is_over(const struct verb *v, const struct rest *r)
{
	return !is_held(r) && r->rests_until <= now_s(v);
}

const struct rest *net_rest_at(const struct snap *s, const struct uuid *subnet_id, const struct ip *ip)
{
	const struct holding *h = snap_holding(s, subnet_id, ip);

	return h && h->kind == KIND_REST ? snap_get(s, KIND_REST, &h->id) : NULL;
}

static int end_rest(struct verb *v, const struct rest *r, enum rest_end how, struct err *err)
{
	struct uuid id = r->row.id;

	v->c->rests_ended[how]++;
	return txn_del(v->t, KIND_REST, &id, err);
}

void rests_count(const struct call *c)
{
	static const char *const ends[] = {[REST_TAKEN_BACK] = "taken_back",
					   [REST_OWN] = "own",
					   [REST_OVER] = "over",
					   [REST_EXHAUSTED] = "exhausted"};

	for (size_t i = 0; i < REST_ENDS; i++)
		if (c->rests_ended[i])
			metrics_add(c->api->metrics, METRIC_RESTED, METRIC_LABELS(ends[i]),
				    c->rests_ended[i]);
}

/* --- choosing --- */

enum pass { PASS_OWN, PASS_FREE, PASS_OVER, PASS_ANY };

/* Rests that are passed over, at the most: those outside the pools are ones that somebody named. */
#define PASSED_MAX 1000

/* Only administrators give what is outside the pools, or was taken out of them; there is no gateway inside.
 */
static bool is_in_pools(const struct subnet *sub, const struct ip *ip)
{
	const struct pool *p = sub->allocation_pools.items;

	for (uint32_t i = 0; i < sub->allocation_pools.count; i++)
		if (ip_cmp(&p[i].start, ip) <= 0 && ip_cmp(ip, &p[i].end) <= 0)
			return true;
	return false;
}

/* The one whose rest ends first, of the project's, or (NULL) of all. */
static const struct rest *next_over(const struct snap *s, const struct subnet *sub, const char *project_id)
{
	const struct rest like = {.subnet_id = sub->row.id, .project_id = project_id}, *r;
	struct scan scan;
	int passed = 0;

	r = project_id ? scan_ordered(&scan, s, OX_REST_OWN, 2, &like)
		       : scan_ordered(&scan, s, OX_REST_POOL, 1, &like);
	while (r && !is_in_pools(sub, &r->floating_ip_address))
		r = ++passed < PASSED_MAX ? scan_next(&scan) : NULL;
	return r;
}

static const struct rest *find_rest(const struct verb *v, const struct subnet *sub, const char *project_id,
				    enum pass pass)
{
	const struct rest *r;

	if (pass == PASS_OWN)
		return project_id && *project_id ? next_over(net_snap(v), sub, project_id) : NULL;
	r = next_over(net_snap(v), sub, NULL);
	return r && pass == PASS_OVER && !is_over(v, r) ? NULL : r;
}

static bool is_strict(const struct snap *s, const struct subnet *sub)
{
	const struct network *n = network_of(s, &sub->network_id);

	return n && n->rest_strict;
}

static int take(struct verb *v, const struct subnet *sub, const char *project_id, enum pass pass,
		struct ip *ret)
{
	static const enum rest_end ends[] = {
		[PASS_OWN] = REST_OWN, [PASS_OVER] = REST_OVER, [PASS_ANY] = REST_EXHAUSTED};
	const struct rest *r;

	if (pass == PASS_FREE)
		return snap_free_address(net_snap(v), &sub->row.id, ret);
	r = find_rest(v, sub, project_id, pass);
	if (!r)
		return -ENOSPC;
	*ret = r->floating_ip_address;
	return end_rest(v, r, ends[pass], NULL);
}

int net_take_free(struct verb *v, const struct subnets *subs, const char *project_id, struct ip *ret,
		  const struct subnet **ret_sub, bool *ret_strict)
{
	static const enum pass usual[] = {PASS_FREE, PASS_OVER, PASS_OWN, PASS_ANY};
	static const enum pass strict[] = {PASS_OWN, PASS_FREE, PASS_OVER};
	bool is = subs->count && is_strict(net_snap(v), subs->list[0]);
	const enum pass *passes = is ? strict : usual;

	for (size_t p = 0; p < (is ? ARRAY_SIZE(strict) : ARRAY_SIZE(usual)); p++)
		for (size_t i = 0; i < subs->count; i++) {
			if (take(v, subs->list[i], project_id, passes[p], ret) < 0)
				continue;
			if (ret_sub)
				*ret_sub = subs->list[i];
			return 0;
		}
	for (size_t i = 0; ret_strict && is && i < subs->count; i++)
		*ret_strict |= next_over(net_snap(v), subs->list[i], NULL) != NULL;
	return -ENOSPC;
}

static int in_use(const struct uuid *network_id, const struct ip *ip, const char *why, struct err *err)
{
	char network[UUID_TEXT], text[IP_TEXT];

	return err_api(err, 409, "IpAddressInUse",
		       "Unable to complete operation for network %s. The IP address %s %s",
		       uuid_print(network_id, network), ip_print(ip, text), why);
}

static int resting(const struct rest *r, struct err *err)
{
	char time[TIME_TEXT], why[128];

	if (is_held(r))
		return in_use(&r->floating_network_id, &r->floating_ip_address,
			      "is held by an administrator.", err);
	snprintf(why, sizeof(why), "rests until %s; only the project that had it can get it before.",
		 time_print(r->rests_until, time));
	return in_use(&r->floating_network_id, &r->floating_ip_address, why, err);
}

int net_rest_yield(struct verb *v, const struct subnet *sub, const struct ip *ip, const char *project_id,
		   struct err *err)
{
	const struct rest *r = net_rest_at(net_snap(v), &sub->row.id, ip);

	if (!r)
		return 0;
	if (is_over(v, r))
		return end_rest(v, r, REST_OVER, err);
	if (!is_held(r) && project_id && strcmp(project_id, r->project_id) == 0)
		return end_rest(v, r, REST_OWN, err);
	return resting(r, err);
}

/* --- beginning and ending --- */

int net_rest_begin(struct verb *v, const struct floatingip *f, struct err *err)
{
	int64_t seconds = rest_of(v, &f->floating_network_id);
	struct rest *draft;
	int r;

	if (!seconds || !snap_get(net_snap(v), KIND_SUBNET, &f->subnet_id))
		return 0;
	draft = txn_new(v->t, KIND_REST);
	draft->row.id = f->row.id;
	draft->project_id = f->project_id;
	draft->floating_network_id = f->floating_network_id;
	draft->floating_ip_address = f->floating_ip_address;
	draft->subnet_id = f->subnet_id;
	draft->rests_until = now_s(v) + seconds;
	draft->reason = "";
	draft->qos_policy_id = f->qos_policy_id;
	draft->description = f->description;
	draft->dns_name = f->dns_name;
	draft->dns_domain = f->dns_domain;
	draft->tags = f->tags;
	/* The address changes hands inside the transaction. */
	r = txn_del(v->t, KIND_FLOATINGIP, &draft->row.id, err);
	return r < 0 ? r : txn_put(v->t, draft, err);
}

int net_rest_end_all(struct verb *v, enum index_id index, const struct uuid *id, struct err *err)
{
	const struct rest *rest;
	int r = 0;

	/* Each look-up is a new one: a scan does not survive a change of its tree. */
	while (r == 0 && (rest = snap_find(net_snap(v), index, id)))
		r = txn_del(v->t, KIND_REST, &rest->row.id, err);
	return r;
}

int net_rest_end_range(struct verb *v, const struct uuid *subnet_id, const struct ip *first,
		       const struct ip *last, struct err *err)
{
	struct ip at = *first;
	int r = 0;

	while (r == 0 && ip_cmp(&at, last) <= 0) {
		struct bcursor cursor;
		const struct holding *h = snap_first_holding(net_snap(v), subnet_id, &at, &cursor);

		if (!h || ip_cmp(&h->ip, last) > 0)
			break;
		at = ip_add(&h->ip, 1);
		if (h->kind == KIND_REST) {
			struct uuid id = h->id;

			r = txn_del(v->t, KIND_REST, &id, err);
		}
	}
	return r;
}

/* --- verbs: what administrators do --- */

/* Holds an address that nobody has; with an end it is kept for a project until then. */
static int rest_create(struct verb *v, void *draft, struct err *err)
{
	struct rest *r = draft;
	const void *row;
	const struct network *n;
	const struct subnet *sub;
	int ret;

	if (!net_who(v)->admin)
		return call_denied("create", "resting_address", err);
	if ((ret = verb_ref(v, KIND_NETWORK, &r->floating_network_id, &row, err)) < 0)
		return ret;
	n = row;
	sub = net_subnet_with(net_snap(v), &n->row.id, &r->floating_ip_address);
	if (!n->external || !sub || !net_usable(sub, &r->floating_ip_address))
		return err_api(err, 400, "InvalidIpForNetwork",
			       "The address is none that an external network can give.");
	if (net_rest_at(net_snap(v), &sub->row.id, &r->floating_ip_address))
		return in_use(&n->row.id, &r->floating_ip_address, "rests already: change that.", err);
	if (snap_holding(net_snap(v), &sub->row.id, &r->floating_ip_address))
		return in_use(&n->row.id, &r->floating_ip_address, "is in use.", err);
	r->subnet_id = sub->row.id;
	return 0;
}

static bool rest_writable(const struct snap *s, const struct caller *who, const struct row *row)
{
	return who->admin;
}

const struct resource rest_resource = {
	.kind = KIND_REST,
	.writable = rest_writable,
	.create = rest_create,
};

/* --- taking back --- */

/* By the floating IP's old id, or by its address where the caller sees one only. */
static int find_taken(struct verb *v, const char *which, const struct rest **ret, struct err *err)
{
	const struct rest *r, *found = NULL;
	struct scan scan;
	struct uuid id;
	struct ip ip;

	if (ip_parse(which, &ip) < 0) {
		found = uuid_parse(which, &id) < 0 ? NULL : snap_get(net_snap(v), KIND_REST, &id);
		if (!found || !call_owns(net_who(v), &found->row))
			return call_not_found(KIND_REST, which, err);
		*ret = found;
		return 0;
	}
	for (r = scan_index(&scan, net_snap(v), IX_REST_ADDRESS, &ip, NULL); r; r = scan_next(&scan)) {
		if (!call_owns(net_who(v), &r->row))
			continue;
		if (found)
			return err_api(err, 409, "FloatingIPAddressNotUnique",
				       "Several addresses %.60s rest. Name the one by its id.", which);
		found = r;
	}
	if (!found)
		return call_not_found(KIND_REST, which, err);
	*ret = found;
	return 0;
}

static int check_taken(struct verb *v, const struct rest *r, struct err *err)
{
	const struct network *n = network_of(net_snap(v), &r->floating_network_id);
	const struct subnet *sub = snap_get(net_snap(v), KIND_SUBNET, &r->subnet_id);
	char id[UUID_TEXT];

	if (is_held(r))
		return resting(r, err);
	/* It may have been theirs by a policy that is gone. */
	if (n && !call_sees(v->c, net_snap(v), &n->row))
		return call_not_found(KIND_NETWORK, uuid_print(&n->row.id, id), err);
	if (!n || !n->external || !sub || ip_eq(&sub->gateway_ip, &r->floating_ip_address))
		return in_use(&r->floating_network_id, &r->floating_ip_address,
			      "is none of a floating IP any more.", err);
	return verb_quota(v, KIND_FLOATINGIP, r->project_id, 1, err);
}

static int take_back(struct verb *v, void *arg, struct err *err)
{
	struct uuid *id = arg;
	const struct rest *rest;
	struct floatingip *f;
	const struct row *policy;
	int r;

	if ((r = find_taken(v, v->c->arg[0], &rest, err)) < 0 || (r = check_taken(v, rest, err)) < 0)
		return r;
	*id = rest->row.id;
	f = txn_new(v->t, KIND_FLOATINGIP);
	f->row.id = rest->row.id;
	f->project_id = rest->project_id;
	f->floating_network_id = rest->floating_network_id;
	f->floating_ip_address = rest->floating_ip_address;
	f->subnet_id = rest->subnet_id;
	f->description = rest->description;
	f->dns_name = rest->dns_name ? rest->dns_name : "";
	f->dns_domain = rest->dns_domain ? rest->dns_domain : "";
	f->tags = rest->tags;
	policy = snap_get(net_snap(v), KIND_QOS_POLICY, &rest->qos_policy_id);
	if (policy && call_sees(v->c, net_snap(v), policy))
		f->qos_policy_id = policy->id;
	if ((r = end_rest(v, rest, REST_TAKEN_BACK, err)) < 0)
		return r;
	return txn_put(v->t, f, err);
}

static int reply_taken(struct call *c, struct err *err)
{
	call_print_row(c, "floatingip", snap_get(c->snap, KIND_FLOATINGIP, c->state));
	c->resp->status = 201;
	return 0;
}

static int post_take_back(struct call *c, struct err *err)
{
	c->state = talloc_zero(c->req->region, struct uuid);
	call_makes(c, KIND_FLOATINGIP, c->state);
	return call_write(c, take_back, c->state, reply_taken, err);
}

const struct route rest_routes[] = {
	{HTTP_POST, "/v2.0/buoy/quarantine/{}/take-back", post_take_back, ROUTE_WRITE, FAMILY_NETWORK,
	 "quarantine", KIND_FLOATINGIP, "Takes a released floating IP back", .status = 201},
	{0},
};
