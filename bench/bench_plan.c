/* How long a plan of everything and its difference from what is there take, by the number of floating IPs.
 * Prints milliseconds, median (fastest - slowest) of 9 runs. No I/O but the figures. */
#include <stdio.h>
#include <string.h>

#include "plan/plan_int.h"

#define RUNS    9
#define ROUTERS 10
#define EXT     1

static struct uuid numbered(uint8_t kind, uint32_t n)
{
	struct uuid id = {{kind}};

	/* Spread, as random ids are. */
	for (int i = 0; i < 4; i++)
		id.b[4 + i] = (uint8_t)(n * 2654435761U >> (8 * i));
	memcpy(id.b + 12, &n, sizeof(n));
	return id;
}

static void put(struct snap *s, enum kind kind, struct uuid id, void *draft)
{
	const struct row *row;
	struct err err = {0};

	((struct row *)draft)->id = id;
	row = row_seal(kind, draft);
	if (snap_apply(s, 1, NULL, row, &err) < 0) {
		fprintf(stderr, "%s\n", err.message);
		exit(1);
	}
	row_drop(row);
}

static struct cidr prefix(uint32_t addr, uint8_t len)
{
	return (struct cidr){ip_from_v4(addr), len, true};
}

/* A network with one subnet of the same number. */
static void put_network(struct snap *s, uint32_t n, const char *type, uint32_t addr, uint8_t len)
{
	struct network net = {.admin_state_up = true, .mtu = 1500, .network_type = type};
	struct subnet sub = {.network_id = numbered('n', n), .ip_version = 4, .cidr = prefix(addr, len)};

	net.external = n == EXT;
	net.physical_network = n == EXT ? "physnet1" : NULL;
	sub.gateway_ip = ip_from_v4(addr + 1);
	put(s, KIND_NETWORK, numbered('n', n), &net);
	put(s, KIND_SUBNET, numbered('s', n), &sub);
}

static void put_leg(struct snap *s, uint32_t port, uint32_t network, uint32_t router, uint32_t addr)
{
	struct fixed_ip ip = {numbered('s', network), ip_from_v4(addr)};
	struct uuid id = numbered('r', router);
	char device[UUID_TEXT];
	struct port p = {
		.network_id = numbered('n', network),
		.admin_state_up = true,
		.mac_address = {{2, 0, 0, 0, 0, (uint8_t)port}},
		.fixed_ips = {&ip, 1},
		.device_id = uuid_print(&id, device),
		.device_owner = network == EXT ? "network:router_gateway" : "network:router_interface",
	};

	put(s, KIND_PORT, numbered('p', port), &p);
}

static void put_router(struct snap *s, uint32_t n)
{
	uint32_t network = 10 + n;
	struct router r = {.admin_state_up = true, .gw_port_id = numbered('p', 2 * n)};

	put_network(s, network, "local", 0xac100000 + (n << 16), 16);
	r.external_gateway_info.network_id = numbered('n', EXT);
	r.external_gateway_info.enable_snat = true;
	put(s, KIND_ROUTER, numbered('r', n), &r);
	put_leg(s, 2 * n, EXT, n, 0x0a000002 + n);
	put_leg(s, 2 * n + 1, network, n, 0xac100001 + (n << 16));
}

static struct snap *make_world(uint32_t fips)
{
	struct snap *s = snap_new();

	put_network(s, EXT, "flat", 0x0a000000, 8);
	for (uint32_t i = 0; i < ROUTERS; i++)
		put_router(s, i);
	for (uint32_t i = 0; i < fips; i++) {
		uint32_t router = i * 7919 % ROUTERS;
		struct floatingip f = {.floating_network_id = numbered('n', EXT),
				       .subnet_id = numbered('s', EXT),
				       .floating_ip_address = ip_from_v4(0x0a010000 + i),
				       .port_id = numbered('v', i),
				       .fixed_ip_address =
					       ip_from_v4(0xac100100 + (router << 16) + i % 60000),
				       .router_id = numbered('r', router)};

		put(s, KIND_FLOATINGIP, numbered('f', i), &f);
	}
	return s;
}

struct times {
	double ms[RUNS];
};

static int cmp_ms(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print_times(const char *what, struct times *t)
{
	qsort(t->ms, RUNS, sizeof(t->ms[0]), cmp_ms);
	printf("  %s %7.2f (%.2f - %.2f)", what, t->ms[RUNS / 2], t->ms[0], t->ms[RUNS - 1]);
}

static double since_ms(int64_t start_us)
{
	return (double)(clock_mono_us() - start_us) / 1000;
}

struct figures {
	struct times plan, sort, diff, sum, delta;
};

static void run(const struct plan_input *in, const struct facts *have, struct symtab *syms, struct figures *f,
		int i)
{
	AUTO_FACTS struct facts want, was, is;
	AUTO_CHANGES struct changes changes = {0};
	struct plan_touch one = {KIND_FLOATINGIP, numbered('f', 7)};
	int64_t start = clock_mono_us();

	facts_init(&want, syms);
	facts_init(&was, syms);
	facts_init(&is, syms);
	plan_everything(in, &want);
	f->plan.ms[i] = since_ms(start);
	start = clock_mono_us();
	facts_sort(&want);
	f->sort.ms[i] = since_ms(start);
	start = clock_mono_us();
	facts_diff(&want, have, &changes);
	f->diff.ms[i] = since_ms(start);
	f->sum.ms[i] = f->plan.ms[i] + f->sort.ms[i] + f->diff.ms[i];
	start = clock_mono_us();
	plan_delta(in, in, &one, 1, &was, &is);
	f->delta.ms[i] = since_ms(start);
}

static void measure(uint32_t fips)
{
	static const struct physical_network physical = {"physnet1", PHYSICAL_BRIDGE, "br-ex"};
	const struct plan_node node = {.name = "bench", .physical = &physical, .physical_count = 1};
	AUTO_SYMTAB struct symtab *syms = symtab_new();
	AUTO_FACTS struct facts taps, conflicts, have;
	struct snap *s = make_world(fips);
	struct plan_input in = {s, &node, &taps, &conflicts};
	struct figures f;

	facts_init(&taps, syms);
	facts_init(&conflicts, syms);
	facts_init(&have, syms);
	plan_all(&in, &have);
	for (int i = 0; i < RUNS; i++)
		run(&in, &have, syms, &f, i);
	printf("%6u floating IPs, %6zu facts:", fips, have.count);
	print_times("plan", &f.plan);
	print_times("sort", &f.sort);
	print_times("diff", &f.diff);
	print_times("together", &f.sum);
	print_times("one floating IP", &f.delta);
	printf("  ms\n");
	snap_drop(s);
}

int main(void)
{
	measure(1000);
	measure(10000);
	measure(100000);
	return 0;
}
