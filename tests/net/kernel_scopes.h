/* Address scopes in the kernel: put, read back, healed. A part of test_kernel.c, whose helpers it uses. */
#pragma once

static void add_scopes(struct facts *f, uint32_t number)
{
	facts_add(f, &(struct fact){.kind = FACT_NETNS, .ns = s(ROUTER)});
	for (uint16_t family = FACT_IPV4; family <= FACT_IPV6; family++) {
		const struct rules *rules = family == FACT_IPV4 ? &rules_netns : &rules_scopes6;

		facts_add(f, &(struct fact){.kind = FACT_TABLE,
					    .ns = s(ROUTER),
					    .which = family,
					    .value.num = rules_hash(rules)});
		facts_add(f, &(struct fact){.kind = FACT_SCOPE,
					    .ns = s(ROUTER),
					    .dev = s("qr-1"),
					    .which = family,
					    .value.num = number + family});
	}
	f->sorted = false;
}

static void scopes_changed_by_hand_are_healed(void **state)
{
	static const char *const by_hand[] = {
		"delete element ip buoy scopes { qr-1 }",
		"delete element ip6 buoy scoped { qr-1 . 0x5c0e0008 }",
		"add element ip buoy scoped { qr-1 . 0x5c0e0009 }",
		"add element ip6 buoy scopes { qr-9 : 0x5c0e0009 }",
		"delete table ip6 buoy",
		"flush chain ip6 buoy scopes",
	};
	AUTO_FACTS struct facts before, want;

	facts_init(&before, syms);
	facts_init(&want, syms);
	add_scopes(&before, 2);
	assert_int_equal(make(&before), 5);
	add_scopes(&want, 7);
	assert_int_equal(make(&want), 2);
	for (size_t i = 0; i < ARRAY_SIZE(by_hand); i++) {
		sh("ip netns exec " ROUTER " nft '%s'", by_hand[i]);
		assert_true(make(&want) > 0);
		assert_int_equal(make(&want), 0);
	}
	sh("ip netns exec " ROUTER " nft list set ip buoy scoped | grep -q 0x5c0e0007");
}
