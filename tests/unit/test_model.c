/* The model: values, trees, codec, snapshots with address bookkeeping, transactions.
 * Unit test, no I/O. Randomised parts compare with a naive model and are seeded. */
#include "model/txn.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

#include <cmocka.h>

static uint64_t seed = 88172645463325252ULL;

static uint64_t next_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void fake_random(void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = (uint8_t)next_random();
}

/* --- values --- */

static void values_survive_a_round_trip(void **state)
{
	static const char *const ips[] = {"0.0.0.0", "10.10.10.3", "255.255.255.255", "::1", "2001:db8::ff"};
	static const char *const cidrs[] = {"0.0.0.0/0", "10.10.10.0/24", "::/0", "2001:db8::/64",
					    "1.2.3.4/32"};
	char text[64];

	for (size_t i = 0; i < ARRAY_SIZE(ips); i++) {
		struct ip ip;

		assert_int_equal(ip_parse(ips[i], &ip), 0);
		assert_string_equal(ip_print(&ip, text), ips[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(cidrs); i++) {
		struct cidr c;

		assert_int_equal(cidr_parse(cidrs[i], &c), 0);
		assert_false(cidr_is_null(&c));
		assert_string_equal(cidr_print(&c, text), cidrs[i]);
	}
}

static void broken_values_are_refused(void **state)
{
	static const char *const bad_ips[] = {"",          "10.10.10", "10.10.10.256", "10.10.10.1/24",
					      " 10.0.0.1", "::g",      "010.1.1.1"};
	static const char *const bad_cidrs[] = {"",           "/",           "10.0.0.0",
						"10.0.0.0/",  "10.0.0.0/33", "::/129",
						"1.1.1.1/1a", "1.1.1.1/-1",  "1.1.1.1/0024"};
	static const char *const bad_uuids[] = {"", "x", "00000000-0000-0000-0000-00000000000",
						"00000000-0000-0000-0000-0000000000000",
						"00000000+0000-0000-0000-000000000000"};
	struct uuid u;
	struct cidr c;
	struct mac m;
	struct ip ip;

	for (size_t i = 0; i < ARRAY_SIZE(bad_ips); i++)
		assert_true(ip_parse(bad_ips[i], &ip) < 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad_cidrs); i++)
		assert_true(cidr_parse(bad_cidrs[i], &c) < 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad_uuids); i++)
		assert_true(uuid_parse(bad_uuids[i], &u) < 0);
	assert_true(mac_parse("00:11:22:33:44", &m) < 0);
	assert_true(mac_parse("00:11:22:33:44:55:66", &m) < 0);
	assert_true(hexid_parse("0123456789abcdef0123456789abcdeg", &u) < 0);
}

static void prefixes_know_their_addresses(void **state)
{
	struct cidr a, b, c;
	struct ip ip, last;
	char text[64];

	cidr_parse("172.16.100.7/24", &a);
	cidr_parse("172.16.0.0/16", &b);
	cidr_parse("172.16.101.0/24", &c);
	ip_parse("172.16.100.255", &ip);
	last = cidr_last(&a);
	assert_true(ip_eq(&last, &ip));
	assert_true(cidr_has(&a, &ip));
	assert_false(cidr_has(&c, &ip));
	assert_true(cidr_overlaps(&a, &b) && cidr_overlaps(&b, &a));
	assert_false(cidr_overlaps(&a, &c));
	ip = cidr_first(&a);
	assert_int_equal(ip_range_count(&ip, &last), 256);
	c = cidr_masked(&a);
	assert_false(cidr_is_null(&c));
	assert_string_equal(cidr_print(&c, text), "172.16.100.0/24");
	ip = ip_add(&last, 1);
	assert_string_equal(ip_print(&ip, text), "172.16.101.0");
}

/* --- trees --- */

static int cmp_number(const void *ctx, const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)a, y = (uintptr_t)b;

	return (x > y) - (x < y);
}

static void no_ref(const void *item)
{
}

static const struct btree_type numbers = {cmp_number, no_ref, no_ref, NULL};
#define SPAN 3000

static void check_tree(const struct btree *t, const bool *want)
{
	struct bcursor c;
	uintptr_t item = (uintptr_t)btree_seek(&numbers, t, NULL, &c);
	size_t count = 0;

	for (uintptr_t i = 1; i <= SPAN; i++) {
		if (!want[i])
			continue;
		assert_int_equal(item, i);
		assert_ptr_equal(btree_get(&numbers, t, (void *)i), (void *)i);
		item = (uintptr_t)btree_next(&c);
		count++;
	}
	assert_int_equal(item, 0);
	assert_int_equal(t->count, count);
	item = (uintptr_t)btree_seek_last(&numbers, t, NULL, &c);
	for (uintptr_t i = SPAN; i >= 1; i--)
		if (want[i]) {
			assert_int_equal(item, i);
			item = (uintptr_t)btree_prev(&c);
		}
}

static void trees_agree_with_a_bitmap(void **state)
{
	static bool want[SPAN + 1], old_want[SPAN + 1];
	struct btree t = {0}, old = {0};

	for (int round = 0; round < 60; round++) {
		old = btree_take(&t);
		memcpy(old_want, want, sizeof(want));
		for (int i = 0; i < 500; i++) {
			uintptr_t n = next_random() % SPAN + 1;

			if (next_random() % 100 < (round % 20 < 10 ? 75U : 20U)) {
				btree_put(&numbers, &t, (uint64_t)round + 1, (void *)n);
				want[n] = true;
			} else {
				assert_int_equal(btree_del(&numbers, &t, (uint64_t)round + 1, (void *)n),
						 want[n]);
				want[n] = false;
			}
		}
		check_tree(&t, want);
		check_tree(&old, old_want); /* the older version has not moved */
		btree_drop(&numbers, &old);
	}
	for (uintptr_t n = 1; n <= SPAN; n += 7) {
		struct bcursor c;
		uintptr_t up = n, down = n;

		while (up <= SPAN && !want[up])
			up++;
		while (down && !want[down])
			down--;
		assert_ptr_equal(btree_seek(&numbers, &t, (void *)n, &c), (void *)(up > SPAN ? 0 : up));
		assert_ptr_equal(btree_seek_last(&numbers, &t, (void *)n, &c), (void *)down);
	}
	btree_drop(&numbers, &t);
}

/* --- codec --- */

static int decode_text(enum kind kind, const char *text, enum decode_mode mode, bool admin, void *region,
		       void *object, struct err *err)
{
	uint64_t given;
	json_t *json;
	int r = json_parse_object(text, strlen(text), &json, err);

	if (r < 0)
		return r;
	r = decode_given(shape_of(kind), json, mode, admin, region, object, &given, err);
	json_decref(json);
	return r;
}

static void bodies_that_do_not_fit_are_refused(void **state)
{
	static const struct {
		enum kind kind;
		enum decode_mode mode;
		const char *body;
		int status;
	} cases[] = {
		{KIND_NETWORK, DECODE_POST, "{\"name\": 5}", 400},
		{KIND_NETWORK, DECODE_POST, "{\"name\": null}", 400},
		{KIND_NETWORK, DECODE_POST, "{\"nmae\": \"x\"}", 400},
		{KIND_NETWORK, DECODE_POST, "{\"status\": \"ACTIVE\"}", 400},
		{KIND_NETWORK, DECODE_POST, "{\"mtu\": 10}", 400},
		{KIND_NETWORK, DECODE_POST, "{\"router:external\": true}", 403},
		{KIND_NETWORK, DECODE_PUT, "{\"provider:network_type\": \"flat\"}", 400},
		{KIND_SUBNET, DECODE_POST, "{\"cidr\": \"10.0.0.0/24\", \"ip_version\": 4}", 400},
		{KIND_SUBNET, DECODE_PUT, "{\"allocation_pools\": [{\"start\": \"10.0.0.1\"}]}", 400},
		{KIND_SUBNET, DECODE_PUT, "{\"allocation_pools\": [5]}", 400},
		{KIND_SUBNET, DECODE_PUT, "{\"dns_nameservers\": [\"x\"]}", 400},
		{KIND_SUBNET, DECODE_PUT, "{\"dns_nameservers\": {}}", 400},
		{KIND_PORT, DECODE_PUT, "{\"fixed_ips\": [{\"subnet\": \"x\"}]}", 400},
		{KIND_PORT, DECODE_PUT, "{\"mac_address\": \"x\"}", 400},
		{KIND_ROUTER, DECODE_POST, "{\"external_gateway_info\": {\"enable_snat\": true}}", 400},
		{KIND_ROUTER, DECODE_POST, "{\"gw_port_id\": null}", 400},
		{KIND_FLOATINGIP, DECODE_PUT, "{\"floating_network_id\": \"x\"}", 400},
		{KIND_FLOATINGIP, DECODE_POST,
		 "{\"project_id\": \"a\", \"tenant_id\": \"b\", "
		 "\"floating_network_id\": \"11111111-1111-1111-1111-111111111111\"}",
		 400},
		{KIND_NETWORK, DECODE_POST, "[]", 400},
		{KIND_NETWORK, DECODE_POST, "{\"name\": \"a\", \"name\": \"b\"}", 400},
		{KIND_NETWORK, DECODE_POST, "{", 400},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		void *region = talloc_new(NULL);
		union any_row object = {0};
		struct err err = {0};

		assert_true(decode_text(cases[i].kind, cases[i].body, cases[i].mode, false, region, &object,
					&err) < 0);
		if (err.status != cases[i].status)
			fail_msg("%s: %d %s", cases[i].body, err.status, err.message);
		talloc_free(region);
	}
}

static void stored_rows_come_back_equal(void **state)
{
	static const char body[] =
		"{\"network_id\": \"11111111-1111-1111-1111-111111111111\", \"name\": \"\xed\x95\x9c\\n\", "
		"\"fixed_ips\": [{\"subnet_id\": \"22222222-2222-2222-2222-222222222222\", \"ip_address\": "
		"\"10.0.0.3\"}],"
		"\"allowed_address_pairs\": [{\"ip_address\": \"10.0.0.0/8\"}], \"admin_state_up\": "
		"\"false\","
		"\"binding:profile\": {\"a\": [1, {\"b\": null}]}, \"mac_address\": \"FA:16:3e:00:00:01\"}";
	void *region = talloc_new(NULL);
	AUTO_BUF struct buf once = {0}, twice = {0};
	union any_row a = {0}, b = {0};
	const struct row *x, *y;
	struct err err = {0};

	if (decode_text(KIND_PORT, body, DECODE_POST, true, region, &a, &err) < 0)
		fail_msg("%s", err.message);
	x = row_seal(KIND_PORT, &a);
	encode_stored(x, &once);
	assert_int_equal(decode_stored(shape_of(KIND_PORT), once.data, once.len, region, &b, &err), 0);
	y = row_seal(KIND_PORT, &b);
	talloc_free(region); /* the sealed rows stand on their own */
	encode_stored(y, &twice);
	assert_string_equal(once.data, twice.data);
	assert_non_null(strstr(once.data, "\"fa:16:3e:00:00:01\""));
	row_drop(x);
	row_drop(y);
}

/* A row that was stored before an attribute existed has the attribute's default. */
static void older_rows_have_defaults(void **state)
{
	static const char text[] = "{\"name\": null, \"router:external\": true}";
	void *region = talloc_new(NULL);
	AUTO_BUF struct buf stored = {0};
	union any_row old = {0}, off = {0};
	const struct row *row;

	assert_int_equal(decode_stored(shape_of(KIND_NETWORK), text, strlen(text), region, &old, NULL), 0);
	assert_true(old.network.admin_state_up);
	assert_string_equal(old.network.name, "");
	assert_true(old.network.external);
	assert_false(old.network.shared);
	old.network.admin_state_up = false;
	row = row_seal(KIND_NETWORK, &old);
	encode_stored(row, &stored);
	assert_int_equal(decode_stored(shape_of(KIND_NETWORK), stored.data, stored.len, region, &off, NULL),
			 0);
	assert_false(off.network.admin_state_up);
	row_drop(row);
	talloc_free(region);
}

/* --- snapshots and transactions --- */

struct world {
	const struct snap *snap;
	void *region;
	struct uuid subnet_id;
};

static const struct snap *commit(struct world *w, struct txn *t)
{
	struct snap *s = txn_finish(t);

	if (s) {
		snap_drop(w->snap);
		w->snap = s;
	}
	txn_abort(t);
	return w->snap;
}

static int world_setup(void **state)
{
	struct world *w = xalloc(sizeof(*w));
	struct pool pools[2];
	struct subnet *subnet;
	struct txn t;

	w->snap = snap_new();
	w->region = talloc_new(NULL);
	txn_begin(&t, w->snap, w->region, 0, fake_random);
	subnet = txn_new(&t, KIND_SUBNET);
	cidr_parse("10.0.0.0/24", &subnet->cidr);
	ip_parse("10.0.0.10", &pools[0].start);
	ip_parse("10.0.0.19", &pools[0].end);
	ip_parse("10.0.0.20", &pools[1].start);
	ip_parse("10.0.0.24", &pools[1].end);
	subnet->allocation_pools = (struct list){pools, 2};
	subnet->project_id = "p";
	assert_int_equal(txn_put(&t, subnet, NULL), 0);
	w->subnet_id = subnet->row.id;
	commit(w, &t);
	*state = w;
	return 0;
}

static int world_teardown(void **state)
{
	struct world *w = *state;

	snap_drop(w->snap);
	talloc_free(w->region);
	free(w);
	return 0;
}

static struct uuid add_port(struct world *w, const struct ip *ip, int want)
{
	struct fixed_ip fixed = {w->subnet_id, *ip};
	struct port *port;
	struct txn t;
	struct uuid id;

	txn_begin(&t, w->snap, w->region, 5000000, fake_random);
	port = txn_new(&t, KIND_PORT);
	port->fixed_ips = (struct list){&fixed, 1};
	port->project_id = "p";
	assert_int_equal(txn_put(&t, port, NULL) < 0, want < 0);
	id = port->row.id;
	if (want < 0)
		txn_abort(&t);
	else
		commit(w, &t);
	return id;
}

static void addresses_are_allocated_lowest_first_until_none_is_left(void **state)
{
	struct world *w = *state;
	struct uuid ids[15];
	struct ip ip, fixed;
	char text[64];

	for (int i = 0; i < 15; i++) {
		assert_int_equal(snap_free_address(w->snap, &w->subnet_id, &ip), 0);
		assert_int_equal(ip.b[15], 10 + i);
		ids[i] = add_port(w, &ip, 0);
	}
	assert_true(snap_free_address(w->snap, &w->subnet_id, &ip) < 0);
	assert_int_equal(snap_usage(w->snap, KIND_PORT, "p"), 15);
	fixed = ip_from_v4(0x0a00000c);
	add_port(w, &fixed, -1);
	/* give back 10.0.0.12 and .19 and .20 (two pools meet there), then outside the pools */
	for (int i = 0; i < 3; i++) {
		static const int back[] = {9, 2, 10};
		struct txn t;

		txn_begin(&t, w->snap, w->region, 0, fake_random);
		txn_del(&t, KIND_PORT, &ids[back[i]], NULL);
		commit(w, &t);
	}
	snap_free_address(w->snap, &w->subnet_id, &ip);
	assert_string_equal(ip_print(&ip, text), "10.0.0.12");
	add_port(w, &ip, 0);
	snap_free_address(w->snap, &w->subnet_id, &ip);
	assert_string_equal(ip_print(&ip, text), "10.0.0.19");
	fixed = ip_from_v4(0x0a0000c8);
	add_port(w, &fixed, 0);
	assert_int_equal(snap_usage(w->snap, KIND_PORT, "p"), 14);
}

/* Whatever is taken and given back in whatever order, free + held = the pools. */
static void free_ranges_agree_with_a_bitmap(void **state)
{
	struct world *w = *state;
	struct uuid holder[25];
	bool held[25] = {0};
	struct ip ip;

	for (int i = 0; i < 2000; i++) {
		unsigned n = 10 + (unsigned)(next_random() % 15), lowest = 10;
		struct txn t;

		if (held[n]) {
			txn_begin(&t, w->snap, w->region, 0, fake_random);
			txn_del(&t, KIND_PORT, &holder[n], NULL);
			commit(w, &t);
		} else {
			ip = ip_from_v4(0x0a000000 + n);
			holder[n] = add_port(w, &ip, 0);
		}
		held[n] = !held[n];
		while (lowest < 25 && held[lowest])
			lowest++;
		if (lowest == 25)
			assert_true(snap_free_address(w->snap, &w->subnet_id, &ip) < 0);
		else
			assert_true(snap_free_address(w->snap, &w->subnet_id, &ip) == 0 &&
				    ip.b[15] == lowest);
	}
}

static void transactions_are_all_or_nothing(void **state)
{
	struct world *w = *state;
	struct ip ip = ip_from_v4(0x0a00000a);
	struct uuid id = add_port(w, &ip, 0);
	const struct port *port = snap_get(w->snap, KIND_PORT, &id);
	struct port *draft;
	struct txn t;

	assert_int_equal(port->row.created_at, 5);
	assert_int_equal(port->row.revision_number, 1);
	txn_begin(&t, w->snap, w->region, 9000000, fake_random);
	draft = txn_edit(&t, port);
	draft->name = "changed";
	assert_int_equal(txn_put(&t, draft, NULL), 0);
	draft->name = "twice";
	assert_int_equal(txn_put(&t, draft, NULL), 0);
	assert_string_equal(((const struct port *)txn_get(&t, KIND_PORT, &id))->name, "twice");
	assert_null(((const struct port *)snap_get(w->snap, KIND_PORT, &id))->name);
	txn_abort(&t);
	assert_null(((const struct port *)snap_get(w->snap, KIND_PORT, &id))->name);

	txn_begin(&t, w->snap, w->region, 9000000, fake_random);
	draft = txn_edit(&t, port);
	assert_int_equal(txn_put(&t, draft, NULL), 0); /* nothing changed: nothing written */
	assert_null(txn_finish(&t));
	draft->name = "new";
	assert_int_equal(txn_put(&t, draft, NULL), 0);
	assert_int_equal(t.change_count, 1);
	commit(w, &t);
	port = snap_get(w->snap, KIND_PORT, &id);
	assert_int_equal(port->row.revision_number, 2);
	assert_int_equal(port->row.updated_at, 9);
	assert_int_equal(port->row.created_at, 5);
}

/* Changed and changed back: as if it had never been touched. */
static void a_row_that_comes_back_never_went(void **state)
{
	struct world *w = *state;
	struct uuid ids[3];
	struct ip ips[3];
	struct txn t;

	for (uint32_t i = 0; i < 3; i++) {
		ips[i] = ip_from_v4(0x0a00000a + i);
		ids[i] = add_port(w, &ips[i], 0);
	}
	txn_begin(&t, w->snap, w->region, 9000000, fake_random);
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 3; i++) {
			struct port *draft = txn_edit(&t, txn_get(&t, KIND_PORT, &ids[i]));

			draft->name = round == 0 ? "between" : i == 1 ? "end" : NULL;
			assert_int_equal(txn_put(&t, draft, NULL), 0);
		}
	commit(w, &t);
	assert_int_equal(t.change_count, 1);
	for (int i = 0; i < 3; i++) {
		const struct port *port = snap_get(w->snap, KIND_PORT, &ids[i]);

		assert_int_equal(port->row.revision_number, i == 1 ? 2 : 1);
		assert_int_equal(port->row.updated_at, i == 1 ? 9 : 5);
	}
	txn_begin(&t, w->snap, w->region, 9000000, fake_random);
	txn_del(&t, KIND_PORT, &ids[0], NULL);
	assert_int_equal(txn_put(&t, txn_edit(&t, snap_get(w->snap, KIND_PORT, &ids[0])), NULL), 0);
	assert_null(txn_finish(&t));
	txn_abort(&t);
}

static void indexes_follow_changes(void **state)
{
	struct world *w = *state;
	struct uuid port_id = add_port(w, &(struct ip){.b = {[10] = 0xff, 0xff, 10, 0, 0, 11}}, 0);
	struct floatingip *fip;
	struct scan scan;
	struct txn t;

	txn_begin(&t, w->snap, w->region, 0, fake_random);
	fip = txn_new(&t, KIND_FLOATINGIP);
	fip->floating_ip_address = ip_from_v4(0x0a00000e);
	fip->subnet_id = w->subnet_id;
	fip->project_id = "p";
	assert_int_equal(txn_put(&t, fip, NULL), 0);
	commit(w, &t);
	assert_null(snap_find(w->snap, IX_FLOATINGIP_PORT, &port_id));
	assert_non_null(snap_find(w->snap, IX_FLOATINGIP_PROJECT, "p"));
	assert_null(snap_find(w->snap, IX_FLOATINGIP_PROJECT, "q"));
	assert_int_equal(snap_holding(w->snap, &w->subnet_id, &fip->floating_ip_address)->kind,
			 KIND_FLOATINGIP);
	txn_begin(&t, w->snap, w->region, 0, fake_random);
	fip = txn_edit(&t, snap_get(w->snap, KIND_FLOATINGIP, &fip->row.id));
	fip->port_id = port_id;
	assert_int_equal(txn_put(&t, fip, NULL), 0);
	commit(w, &t);
	assert_non_null(scan_index(&scan, w->snap, IX_FLOATINGIP_PORT, &port_id, NULL));
	assert_null(scan_next(&scan));
	txn_begin(&t, w->snap, w->region, 0, fake_random);
	txn_del(&t, KIND_FLOATINGIP, &fip->row.id, NULL);
	commit(w, &t);
	assert_null(snap_find(w->snap, IX_FLOATINGIP_PORT, &port_id));
	assert_null(snap_find(w->snap, IX_FLOATINGIP_PROJECT, "p"));
}

/* Behind the last IPv6 address there is nothing, not the first one again. */
static void the_last_address_of_all_can_be_taken(void **state)
{
	struct world *w = *state;
	struct fixed_ip taken;
	struct subnet *subnet;
	struct pool pool;
	struct port *port;
	struct ip next;
	struct txn t;

	txn_begin(&t, w->snap, w->region, 0, fake_random);
	subnet = txn_new(&t, KIND_SUBNET);
	cidr_parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:0/112", &subnet->cidr);
	pool = (struct pool){.start = cidr_last(&subnet->cidr), .end = cidr_last(&subnet->cidr)};
	subnet->allocation_pools = (struct list){&pool, 1};
	subnet->project_id = "p";
	assert_int_equal(txn_put(&t, subnet, NULL), 0);
	assert_int_equal(snap_free_address(t.work, &subnet->row.id, &next), 0);
	taken = (struct fixed_ip){subnet->row.id, next};
	port = txn_new(&t, KIND_PORT);
	port->fixed_ips = (struct list){&taken, 1};
	port->project_id = "p";
	assert_int_equal(txn_put(&t, port, NULL), 0);
	assert_int_equal(snap_free_address(t.work, &subnet->row.id, &next), -ENOSPC);
	txn_abort(&t);
}

/* A megabyte of empty objects would be a hundred of memory. */
static void bodies_of_too_many_values_are_refused(void **state)
{
	struct err err = {0};
	struct buf b = {0};
	json_t *json;

	buf_puts(&b, "{\"a\":[{}");
	for (int i = 0; i < 70000; i++)
		buf_puts(&b, ",{}");
	buf_puts(&b, "]}");
	assert_int_equal(json_parse_object(b.data, b.len, &json, &err), -EINVAL);
	assert_int_equal(err.status, 400);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_of_too_many_values_are_refused),
		cmocka_unit_test_setup_teardown(the_last_address_of_all_can_be_taken, world_setup,
						world_teardown),
		cmocka_unit_test(values_survive_a_round_trip),
		cmocka_unit_test(broken_values_are_refused),
		cmocka_unit_test(prefixes_know_their_addresses),
		cmocka_unit_test(trees_agree_with_a_bitmap),
		cmocka_unit_test(bodies_that_do_not_fit_are_refused),
		cmocka_unit_test(stored_rows_come_back_equal),
		cmocka_unit_test(older_rows_have_defaults),
		cmocka_unit_test_setup_teardown(addresses_are_allocated_lowest_first_until_none_is_left,
						world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(free_ranges_agree_with_a_bitmap, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(transactions_are_all_or_nothing, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(a_row_that_comes_back_never_went, world_setup,
						world_teardown),
		cmocka_unit_test_setup_teardown(indexes_follow_changes, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
