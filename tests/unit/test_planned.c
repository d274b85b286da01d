/* ?plan=1: what a write would change is told, to whom it concerns, and nothing is done.
 * Unit test over a memory store, with the real planner; the steps are text, see net_world.h. */
#include "daemon/process.h"

#include "net_world.h"

static const struct physical_network physical[] = {{"physnet1", PHYSICAL_BRIDGE, "br-ex"}};
static const struct ip vxlan_local = {.b = {[10] = 0xff, 0xff, 192, 0, 2, 1}};
static struct plan_node node = {
	.name = "node1", .physical = physical, .physical_count = 1, .vxlan_port = 4789, .table_hash = 1};

static int start(void **state)
{
	struct world *w;
	int r = world_start(state);

	w = *state;
	node.vxlan_local = vxlan_local;
	w->api->config.plan_kernel = foresee;
	w->api->config.plan_arg = &node;
	world_furnish(w);
	world_report(w, NULL, NULL);
	return r;
}

/* Runs steps that must leave everything as it is. */
#define PURE(w, ...)                                                                                         \
	do {                                                                                                 \
		uint64_t before = world_revision(w);                                                         \
		WORLD_RUN(w, __VA_ARGS__);                                                                   \
		assert_int_equal(world_revision(w), before);                                                 \
	} while (0)

#define NEW_FIP "{'floatingip':{'floating_network_id':'$ext','port_id':'$p1'}}"

static void creation(void **state)
{
	struct world *w = *state;

	PURE(w,
	     {"alice", "POST floatingips?plan=1", NEW_FIP, 200,
	      "plan.changes.#=1 plan.changes.0.action=create plan.changes.0.resource=floatingip "
	      "plan.changes.0.name=10.10.10.3 plan.changes.0.attributes.port_id.before=null "
	      "plan.changes.0.attributes.port_id.after=$p1 "
	      "plan.changes.0.attributes.fixed_ip_address.after=172.16.100.2 "
	      "plan.changes.0.attributes.router_id.after=$r plan.changes.0.attributes.status=absent "
	      "plan.changes.0.attributes.port_details.after.name=one "
	      "plan.changes.0.attributes.project_id.after=alice plan.summary.create=1 "
	      "plan.summary.update=0 plan.summary.delete=0 plan.summary.hidden=0 plan.kernel.node=node1 "
	      "plan.kernel.changes.0.action=add plan.kernel.changes.0.kind=nat "
	      "plan.kernel.changes.0.was=null plan.kernel.changes.0.resource=floatingip "
	      "plan.kernel.changes.1.kind=address plan.kernel.changes.2.kind=guard "
	      "plan.kernel.summary.add=3 plan.kernel.impossible.#=0"},
	     /* It was not made, so the next one gets the same address. */
	     {"alice", "POST floatingips?plan=true", NEW_FIP, 200, "plan.changes.0.name=10.10.10.3"},
	     {"alice", "GET floatingips", NULL, 200, "floatingips.#=0"});
	/* What was said comes about. */
	WORLD_RUN(w, {"alice", "POST floatingips?plan=0", NEW_FIP, 201,
		      "floatingip.floating_ip_address=10.10.10.3 floatingip.fixed_ip_address=172.16.100.2",
		      "f1"});
	PURE(w,
	     {"alice", "PUT floatingips/$f1?plan=1", "{'floatingip':{'port_id':'$p2'}}", 200,
	      "plan.changes.0.action=update plan.changes.0.id=$f1 "
	      "plan.changes.0.attributes.port_id.before=$p1 plan.changes.0.attributes.port_id.after=$p2 "
	      "plan.changes.0.attributes.project_id=absent "
	      "plan.changes.0.attributes.revision_number.after=2 plan.kernel.changes.0.action=change "
	      "plan.kernel.changes.0.kind=nat plan.kernel.summary.change=1"},
	     {"alice", "PUT floatingips/$f1?plan=1", "{'floatingip':{'port_id':'$p1'}}", 200,
	      "plan.changes.#=0 plan.kernel.changes.#=0"},
	     {"alice", "DELETE floatingips/$f1?plan=1", NULL, 200,
	      "plan.changes.0.action=delete plan.changes.0.attributes.port_id.before=$p1 "
	      "plan.changes.0.attributes.port_id.after=null plan.kernel.summary.remove=3 "
	      "plan.kernel.changes.0.kind=guard plan.kernel.changes.1.kind=address "
	      "plan.kernel.changes.2.kind=nat"});
}

static void every_kind_of_write(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w, {"alice", "POST floatingips", NEW_FIP, 201, NULL, "f1"});
	PURE(w,
	     {"alice", "POST networks?plan=1", "{'networks':[{'name':'x'},{'name':'y'}]}", 200,
	      "plan.changes.#=2 plan.changes.1.name=y"},
	     {"alice", "PUT routers/$r/remove_router_interface?plan=1", "{'subnet_id':'$sub'}", 409,
	      "RouterInterfaceInUseByFloatingIP"},
	     {"alice", "PUT routers/$r/add_extraroutes?plan=1",
	      "{'router':{'routes':[{'destination':'192.0.2.0/24','nexthop':'172.16.100.9'}]}}", 200,
	      "plan.changes.0.resource=router plan.changes.0.attributes.routes.before.#=0 "
	      "plan.changes.0.attributes.routes.after.0.nexthop=172.16.100.9 "
	      "plan.kernel.changes.0.kind=route"},
	     {"alice", "PUT networks/$net/tags/a?plan=1", NULL, 200,
	      "plan.changes.0.attributes.tags.after.0=a plan.kernel.changes.#=0"},
	     {"alice", "PUT networks/$net/tags?plan=1", "{'tags':['a','b']}", 200,
	      "plan.changes.0.attributes.tags.after.#=2"},
	     {"alice", "PUT buoy/change-sets?plan=1",
	      "{'change_set':{'associations':[{'floatingip_id':'$f1','port_id':'$p2'}]}}", 200,
	      "plan.changes.0.attributes.port_id.after=$p2"},
	     {"alice", "DELETE ports/$p1?plan=1", NULL, 200, "plan.summary.delete=1 plan.summary.update=1"},
	     {"admin", "PUT quotas/alice?plan=1", "{'quota':{'floatingip':7}}", 200,
	      "plan.changes.0.resource=quota plan.changes.0.attributes.floatingip.after=7"});
}

/* Neither foreign objects nor the facts of foreign rows; an administrator sees them. */
static void what_is_seen(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w, {"alice", "POST floatingips", NEW_FIP, 201, NULL, "f1"});
	PURE(w,
	     {"admin", "PUT networks/$ext?plan=1", "{'network':{'mtu':1400}}", 200,
	      "plan.changes.#=1 plan.kernel.summary.hidden=0 plan.kernel.changes.0.resource=port"},
	     {"alice", "POST networks?plan=1", "{'network':{'name':'x'}}", 200,
	      "plan.changes.0.attributes.provider:segmentation_id=absent "
	      "plan.changes.0.attributes.provider:network_type=absent"},
	     {"admin", "POST networks?plan=1", "{'network':{'name':'x'}}", 200,
	      "plan.changes.0.attributes.provider:network_type.after=vxlan"});
}

static void errors(void **state)
{
	struct world *w = *state;

	WORLD_RUN(w, {"alice", "POST floatingips", NEW_FIP, 201, NULL, "f1"});
	w->header = "If-Match: revision_number=9";
	PURE(w, {"alice", "DELETE floatingips/$f1?plan=1", NULL, 412, "RevisionNumberConstraintFailed"});
	w->header = NULL;
	PURE(w, {"alice", "POST floatingips?plan=1", NEW_FIP, 409, "FloatingIPPortAlreadyAssociated"},
	     {"alice", "POST floatingips?plan=2", NEW_FIP, 400, "HTTPBadRequest:nothing was done"},
	     {"bob", "DELETE floatingips/$f1?plan=1", NULL, 404, "FloatingIPNotFound"},
	     {"rita", "DELETE floatingips/$f1?plan=1", NULL, 403, "PolicyNotAuthorized"},
	     {"alice", "POST networks?plan=1", "{'network':{'colour':'red'}}", 400, "HTTPBadRequest"},
	     {"alice", "GET floatingips?plan=1", NULL, 400, "HTTPBadRequest"});
}

static bool counted(struct world *w, const char *what)
{
	struct buf b = {0};
	bool found;

	metrics_print(w->api->metrics, &b);
	found = strstr(buf_text(&b), what);
	buf_done(&b);
	return found;
}

/* What only would have ended is not counted; nor is what a write that was refused would have ended. */
static void nothing_is_counted(void **state)
{
	static const char end[] = "buoy_rests_ended_total{end=\"taken_back\"} 1";
	struct world *w = *state;

	w->api->config.rest_s = 600;
	WORLD_RUN(w, {"alice", "POST floatingips", NEW_FIP, 201, NULL, "f1"},
		  {"alice", "DELETE floatingips/$f1", NULL, 204});
	PURE(w, {"alice", "POST buoy/quarantine/$f1/take-back?plan=1", NULL, 200,
		 "plan.changes.#=2 plan.summary.create=1"});
	assert_false(counted(w, end));
	PURE(w, {"admin", "POST floatingips",
		 "{'floatingip':{'floating_network_id':'$ext','floating_ip_address':'10.10.10.3',"
		 "'project_id':'alice','fixed_ip_address':'10.0.0.1'}}",
		 400, "BadRequest"});
	assert_false(counted(w, "buoy_rests_ended_total{end=\"own\"}"));
	WORLD_RUN(w, {"alice", "POST buoy/quarantine/$f1/take-back", NULL, 201});
	assert_true(counted(w, end));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(creation, start, world_stop),
		cmocka_unit_test_setup_teardown(every_kind_of_write, start, world_stop),
		cmocka_unit_test_setup_teardown(what_is_seen, start, world_stop),
		cmocka_unit_test_setup_teardown(errors, start, world_stop),
		cmocka_unit_test_setup_teardown(nothing_is_counted, start, world_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
