/* Facts: order, search, words, and the difference against a naive one.
 * Unit test, no I/O. */
#include "plan/fact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static struct fact nat(sym ns, uint32_t addr, uint32_t fixed)
{
	return (struct fact){
		.kind = FACT_NAT, .ns = ns, .addr = ip_from_v4(addr), .value.ip = ip_from_v4(fixed)};
}

static void last_of_equal_keys_stays(void **state)
{
	AUTO_SYMTAB struct symtab *t = symtab_new();
	AUTO_FACTS struct facts f;
	struct fact key = nat(1, 5, 0);

	facts_init(&f, t);
	for (uint32_t i = 0; i < 10; i++) {
		struct fact n = nat(1, i % 2 ? 5 : 4, i);

		facts_add(&f, &n);
	}
	facts_sort(&f);
	assert_int_equal(f.count, 2);
	assert_int_equal(ip_to_v4(&facts_find(&f, &key)->value.ip), 9);
	key.addr = ip_from_v4(6);
	assert_null(facts_find(&f, &key));
}

static void the_kind_decides_the_order_first(void **state)
{
	struct fact a = nat(200, 5, 0), b = {.kind = FACT_ADDRESS, .ns = 1};

	assert_true(fact_key_cmp(&a, &b) < 0);
	b.kind = FACT_GATEWAY;
	assert_true(fact_key_cmp(&a, &b) > 0);
}

static void link_specs_compare_by_value(void **state)
{
	AUTO_SYMTAB struct symtab *t = symtab_new();
	AUTO_FACTS struct facts want, have;
	AUTO_CHANGES struct changes c = {0};
	struct link_spec spec = {.type = LINK_VETH, .mtu = 1450, .peer = 7};
	struct fact link = {.kind = FACT_LINK, .ns = 1, .dev = 2, .link = &spec};

	facts_init(&want, t);
	facts_init(&have, t);
	facts_add(&want, &link);
	facts_add(&have, &link);
	assert_ptr_not_equal(want.items[0].link, &spec);
	facts_diff(&want, &have, &c);
	assert_int_equal(c.count, 0);
	spec.mtu = 1500;
	facts_add(&have, &link);
	facts_sort(&have);
	facts_diff(&want, &have, &c);
	assert_int_equal(c.count, 1);
	assert_ptr_equal(c.items[0].want, want.items);
	assert_ptr_equal(c.items[0].have, have.items);
}

static void an_announcement_is_no_difference(void **state)
{
	struct fact a = {.kind = FACT_ADDRESS, .value.num = ADDRESS_ANNOUNCE}, b = {.kind = FACT_ADDRESS};

	assert_true(fact_value_eq(&a, &b));
	a.value.num = ADDRESS_LINK; /* how it is put, like the announcement */
	assert_true(fact_value_eq(&a, &b));
	a.value.num = 8;
	assert_false(fact_value_eq(&a, &b));
}

static void settings_are_never_deleted(void **state)
{
	AUTO_SYMTAB struct symtab *t = symtab_new();
	AUTO_FACTS struct facts want, have;
	AUTO_CHANGES struct changes c = {0};
	struct fact ns = {.kind = FACT_NETNS, .ns = 1}, set = {.kind = FACT_SYSCTL, .ns = 1};

	facts_init(&want, t);
	facts_init(&have, t);
	facts_add(&have, &ns);
	facts_add(&have, &set);
	facts_sort(&have);
	facts_diff(&want, &have, &c);
	assert_int_equal(c.count, 1);
	assert_ptr_equal(c.items[0].have, have.items);
	assert_null(c.items[0].want);
}

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Few possible keys of all shapes, so that equal ones are common. */
static void add_random(struct facts *f, uint32_t *seed, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t kinds[] = {FACT_NETNS, FACT_SYSCTL, FACT_FDB, FACT_NAT, FACT_ADDRESS, FACT_ROUTE};
		struct fact n = {.kind = kinds[random_next(seed) % ARRAY_SIZE(kinds)]};

		n.ns = random_next(seed) % 3 * 300;
		n.dev = random_next(seed) % 2;
		n.which = (uint16_t)(random_next(seed) % 2);
		n.plen = (uint8_t)(random_next(seed) % 2);
		if (random_next(seed) % 4)
			n.addr = ip_from_v4(random_next(seed) % 3);
		n.addr.b[random_next(seed) % 2 * 15] ^= (uint8_t)(random_next(seed) % 3);
		n.value.ip = ip_from_v4(random_next(seed) % 2);
		facts_add(f, &n);
	}
}

static const struct fact *naive_last(const struct facts *f, const struct fact *key, size_t until)
{
	for (size_t i = until; i-- > 0;)
		if (!memcmp(&f->items[i], key, FACT_KEY_SIZE))
			return &f->items[i];
	return NULL;
}

/* What the difference must hold, found without order: each last fact of a key is looked for in the
 * other array. Returns how many changes there must be. */
static size_t naive_check(const struct facts *want, const struct facts *have, const struct changes *c)
{
	size_t expected = 0;

	for (size_t i = 0; i < want->count; i++) {
		const struct fact *w = &want->items[i], *h;
		bool found = false;

		h = naive_last(have, w, have->count);
		if (h && fact_value_eq(w, h))
			continue;
		expected++;
		for (size_t k = 0; k < c->count; k++)
			found = found || (c->items[k].want == w && c->items[k].have == h);
		assert_true(found);
	}
	for (size_t i = 0; i < have->count; i++) {
		const struct fact *h = &have->items[i];
		bool found = false;

		if (h->kind == FACT_SYSCTL || naive_last(want, h, want->count))
			continue;
		expected++;
		for (size_t k = 0; k < c->count; k++)
			found = found || (c->items[k].have == h && !c->items[k].want);
		assert_true(found);
	}
	return expected;
}

static void check_order(const struct changes *c)
{
	bool deleting = false;

	for (size_t i = 0; i < c->count; i++) {
		const struct change *at = &c->items[i], *before = i ? at - 1 : NULL;

		if (!at->want && !deleting) {
			deleting = true;
			continue;
		}
		assert_true(!at->want == deleting);
		if (!before)
			continue;
		if (deleting)
			assert_true(fact_key_cmp(before->have, at->have) > 0);
		else
			assert_true(fact_key_cmp(before->want, at->want) < 0);
	}
}

static void check_sorted(const struct facts *f, const struct facts *raw)
{
	for (size_t i = 1; i < f->count; i++)
		assert_true(fact_key_cmp(&f->items[i - 1], &f->items[i]) < 0);
	for (size_t i = 0; i < raw->count; i++) {
		const struct fact *last = naive_last(raw, &raw->items[i], raw->count);
		const struct fact *found = facts_find(f, last);

		assert_non_null(found);
		assert_memory_equal(found, last, sizeof(*last));
	}
}

static void the_difference_equals_a_naive_one(void **state)
{
	AUTO_SYMTAB struct symtab *t = symtab_new();
	uint32_t seed = 7;

	for (int round = 0; round < 400; round++) {
		AUTO_FACTS struct facts want, have, raw;
		AUTO_CHANGES struct changes c = {0};

		facts_init(&want, t);
		facts_init(&have, t);
		facts_init(&raw, t);
		add_random(&want, &seed, random_next(&seed) % 200);
		add_random(&have, &seed, random_next(&seed) % 200);
		for (size_t i = 0; i < want.count; i++)
			facts_add(&raw, &want.items[i]);
		facts_sort(&want);
		facts_sort(&have);
		check_sorted(&want, &raw);
		facts_diff(&want, &have, &c);
		assert_int_equal(naive_check(&want, &have, &c), c.count);
		check_order(&c);
	}
}

static void facts_read_as_ip_and_nft_do(void **state)
{
	AUTO_SYMTAB struct symtab *t = symtab_new();
	sym ns = symtab_put(t, "qrouter-1"), qg = symtab_put(t, "qg-1"), br = symtab_put(t, "br-ex");
	struct link_spec veth = {.type = LINK_VETH,
				 .mtu = 1500,
				 .mac = {{2, 0, 0, 0, 0, 1}},
				 .peer = symtab_put(t, "tap1"),
				 .peer_master = br};
	struct link_spec vxlan = {
		.type = LINK_VXLAN, .vni = 9, .local = ip_from_v4(0x0a000001), .port = 4789};
	struct ip a = ip_from_v4(0x0a0a0a03), b = ip_from_v4(0xac106503);
	const struct {
		struct fact fact;
		const char *text;
	} cases[] = {
		{{.kind = FACT_NETNS, .ns = ns}, "netns qrouter-1"},
		{{.kind = FACT_SYSCTL, .ns = ns, .value.num = 1},
		 "sysctl net.ipv4.ip_forward = 1 netns qrouter-1"},
		{{.kind = FACT_LINK, .ns = ns, .dev = qg, .link = &veth},
		 "link qg-1 type veth mtu 1500 address 02:00:00:00:00:01 peer tap1 peer-master br-ex "
		 "netns qrouter-1"},
		{{.kind = FACT_LINK, .dev = qg, .link = &vxlan},
		 "link qg-1 type vxlan id 9 local 10.0.0.1 dstport 4789"},
		{{.kind = FACT_FDB, .dev = qg, .addr = a}, "fdb 00:00:00:00:00:00 dst 10.10.10.3 dev qg-1"},
		{{.kind = FACT_PLUG, .dev = qg, .value.dev = br}, "plug qg-1 master br-ex"},
		{{.kind = FACT_TABLE, .ns = ns, .value.num = 255},
		 "table ip buoy version 000000ff netns qrouter-1"},
		{{.kind = FACT_GATEWAY, .ns = ns, .dev = qg},
		 "gateway oifname qg-1 snat off netns qrouter-1"},
		{{.kind = FACT_GATEWAY, .ns = ns, .dev = qg, .value.ip = a},
		 "gateway oifname qg-1 snat to 10.10.10.3 netns qrouter-1"},
		{{.kind = FACT_NAT, .ns = ns, .addr = a, .value.ip = b},
		 "nat 10.10.10.3 to 172.16.101.3 netns qrouter-1"},
		{{.kind = FACT_ADDRESS, .ns = ns, .dev = qg, .addr = a, .plen = 32},
		 "address 10.10.10.3/32 dev qg-1 netns qrouter-1"},
		{{.kind = FACT_ROUTE, .ns = ns, .addr = ip_from_v4(0), .value = {.ip = a, .dev = qg}},
		 "route 0.0.0.0/0 via 10.10.10.3 dev qg-1 netns qrouter-1"},
		{{.kind = FACT_GUARD, .dev = br, .addr = a}, "guard 10.10.10.3 dev br-ex"},
		{{.kind = FACT_SERVE, .dev = br, .addr = {.b = {0xa1}}},
		 "serve network a1000000-0000-0000-0000-000000000000 dev br-ex"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_BUF struct buf out = {0};

		fact_print(&cases[i].fact, t, &out);
		assert_string_equal(buf_text(&out), cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_of_equal_keys_stays),
		cmocka_unit_test(the_kind_decides_the_order_first),
		cmocka_unit_test(link_specs_compare_by_value),
		cmocka_unit_test(an_announcement_is_no_difference),
		cmocka_unit_test(settings_are_never_deleted),
		cmocka_unit_test(the_difference_equals_a_naive_one),
		cmocka_unit_test(facts_read_as_ip_and_nft_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
