/* RBAC policies through the API: what they show and allow to whom, what follows from them, what is in their
 * way. Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#include "api/rbac.h"

#define POLICY(type, object, action, target)                                                                 \
	"{'rbac_policy':{'object_type':'" type "','object_id':'$" object "','action':'access_as_" action     \
	"','target_tenant':'" target "'}}"
#define SHARE(object, target)  POLICY("network", object, "shared", target)
#define EXPORT(object, target) POLICY("network", object, "external", target)
#define PORT(net)              "{'port':{'network_id':'$" net "'}}"
#define NET(fields)            "{'network':{" fields "}}"

static void make_network(struct world *w)
{
	WORLD_RUN(w, {"alice", "POST networks", NET("'name':'n'"), 201, NULL, "n"},
		  {"alice", "POST subnets",
		   "{'subnet':{'network_id':'$n','ip_version':4,'cidr':'10.1.0.0/24'}}", 201, NULL, "s"});
}

/* --- access_as_shared --- */

static void shared_with_one(void **state)
{
	make_network(*state);
	WORLD_RUN(*state, {"bob", "GET networks/$n", NULL, 404, "NetworkNotFound"},
		  {"alice", "POST rbac-policies", SHARE("n", "bob"), 201,
		   "rbac_policy.object_type=network rbac_policy.object_id=$n rbac_policy.target_tenant=bob "
		   "rbac_policy.target_project=absent rbac_policy.action=access_as_shared "
		   "rbac_policy.project_id=alice rbac_policy.tenant_id=alice rbac_policy.description=absent",
		   "p"},
		  {"bob", "GET networks/$n", NULL, 200, "network.shared=true network.router:external=false"},
		  {"alice", "GET networks/$n", NULL, 200, "network.shared=false"},
		  {"admin", "GET networks/$n", NULL, 200, "network.shared=false"},
		  {"carol", "GET networks/$n", NULL, 404, "NetworkNotFound"},
		  {"bob", "GET networks?name=n", NULL, 200, "networks.#=1"},
		  {"bob", "GET networks", NULL, 200, "networks.#=1 networks.0.id=$n"},
		  {"bob", "GET networks?shared=true", NULL, 200, "networks.#=1"},
		  {"bob", "GET networks?shared=false", NULL, 200, "networks.#=0"},
		  {"admin", "GET networks?shared=true", NULL, 200, "networks.#=0"},
		  {"admin", "GET networks?shared=false", NULL, 200, "networks.#=1"},
		  {"bob", "GET networks?shared=perhaps", NULL, 400, "HTTPBadRequest"},
		  {"bob", "GET subnets", NULL, 200, "subnets.#=1 subnets.0.id=$s"},
		  {"bob", "GET subnets/$s", NULL, 200},
		  {"bob", "POST ports", PORT("n"), 201, "port.project_id=bob", "port"},
		  {"bob", "PUT networks/$n", NET("'name':'mine'"), 403, "PolicyNotAuthorized"},
		  {"bob", "DELETE networks/$n", NULL, 403, "PolicyNotAuthorized"},
		  {"carol", "POST ports", PORT("n"), 404, "NetworkNotFound"},
		  {"alice", "DELETE rbac-policies/$p", NULL, 409, "RbacPolicyInUse:cannot be removed"},
		  {"alice", "PUT rbac-policies/$p", "{'rbac_policy':{'target_tenant':'carol'}}", 409,
		   "RbacPolicyInUse"},
		  {"bob", "DELETE ports/$port", NULL, 204},
		  {"alice", "PUT rbac-policies/$p", "{'rbac_policy':{'target_tenant':'carol'}}", 200,
		   "rbac_policy.target_tenant=carol"},
		  {"bob", "GET networks/$n", NULL, 404, "NetworkNotFound"},
		  {"carol", "POST ports", PORT("n"), 201, NULL, "port"},
		  {"alice", "DELETE networks/$n", NULL, 409, "NetworkInUse"},
		  {"carol", "DELETE ports/$port", NULL, 204}, {"alice", "DELETE networks/$n", NULL, 204},
		  {"alice", "GET rbac-policies", NULL, 200, "rbac_policies=[]"});
}

static void shared_with_all(void **state)
{
	make_network(*state);
	WORLD_RUN(*state, {"alice", "POST rbac-policies", SHARE("n", "*"), 403, "PolicyNotAuthorized"},
		  {"admin", "POST rbac-policies", SHARE("n", "*"), 201, NULL, "p"},
		  {"alice", "GET networks/$n", NULL, 200, "network.shared=true"},
		  {"bob", "GET networks?shared=True", NULL, 200, "networks.#=1"},
		  {"admin", "GET networks?shared=True", NULL, 200, "networks.#=1"},
		  {"bob", "POST ports", PORT("n"), 201, NULL, "port"},
		  {"admin", "PUT networks/$n", NET("'shared':false"), 409, "InvalidSharedSetting"},
		  {"admin", "DELETE rbac-policies/$p", NULL, 409, "RbacPolicyInUse"},
		  {"admin", "POST rbac-policies", SHARE("n", "bob"), 201, NULL, "q"},
		  {"admin", "DELETE rbac-policies/$p", NULL, 204},
		  {"bob", "GET networks/$n", NULL, 200, "network.shared=true"},
		  {"carol", "GET networks/$n", NULL, 404, "NetworkNotFound"},
		  {"admin", "PUT rbac-policies/$q", "{'rbac_policy':{'target_tenant':'*'}}", 200},
		  {"carol", "GET networks/$n", NULL, 200, "network.shared=true"});
}

/* network.shared is the policy for all. */
static void attribute_is_policy(void **state)
{
	make_network(*state);
	WORLD_RUN(*state, {"admin", "PUT networks/$n", NET("'shared':true"), 200, "network.shared=true"},
		  {"alice", "GET rbac-policies", NULL, 200,
		   "rbac_policies.#=1 rbac_policies.0.target_tenant=* rbac_policies.0.object_id=$n "
		   "rbac_policies.0.action=access_as_shared rbac_policies.0.project_id=alice"},
		  {"admin", "PUT networks/$n", NET("'shared':false"), 200, "network.shared=false"},
		  {"alice", "GET rbac-policies", NULL, 200, "rbac_policies=[]"},
		  {"admin", "POST networks", NET("'shared':true,'project_id':'bob'"), 201,
		   "network.shared=true", "m"},
		  {"admin", "GET rbac-policies?object_id=$m", NULL, 200,
		   "rbac_policies.#=1 rbac_policies.0.project_id=bob"},
		  {"bob", "GET rbac-policies?target_tenant=*", NULL, 200, "rbac_policies.#=1"},
		  {"bob", "GET rbac-policies?action=access_as_external", NULL, 200, "rbac_policies.#=0"},
		  {"admin", "DELETE networks/$m", NULL, 204},
		  {"admin", "GET rbac-policies", NULL, 200, "rbac_policies=[]"});
}

static void what_is_refused(void **state)
{
	make_network(*state);
	WORLD_RUN(
		*state,
		{"bob", "POST rbac-policies", SHARE("n", "carol"), 400, "InvalidInput:could not be found"},
		{"admin", "POST rbac-policies", SHARE("n", "bob"), 201, "rbac_policy.project_id=admin", "p"},
		{"bob", "POST rbac-policies", SHARE("n", "carol"), 400, "InvalidInput:they do not own"},
		{"alice", "POST rbac-policies", SHARE("n", "bob"), 409, "DuplicateRbacPolicy"},
		{"alice", "GET rbac-policies/$p", NULL, 404, "RbacPolicyNotFound"},
		{"alice", "POST rbac-policies", SHARE("n", "carol"), 201, NULL, "q"},
		{"alice", "PUT rbac-policies/$q", "{'rbac_policy':{'target_tenant':'bob'}}", 409,
		 "DuplicateRbacPolicy"},
		{"alice", "PUT rbac-policies/$q", "{'rbac_policy':{'target_tenant':'*'}}", 403,
		 "PolicyNotAuthorized"},
		{"alice", "PUT rbac-policies/$q", "{'rbac_policy':{'action':'access_as_external'}}", 400,
		 "HTTPBadRequest"},
		{"alice", "POST rbac-policies", POLICY("network", "n", "read", "x"), 400,
		 "InvalidActionForType"},
		{"alice", "POST rbac-policies", POLICY("router", "n", "shared", "x"), 400, "InvalidInput"},
		{"alice", "POST rbac-policies", POLICY("qos_policy", "n", "shared", "x"), 400,
		 "InvalidInput"},
		{"rita", "POST rbac-policies", SHARE("n", "x"), 403, "PolicyNotAuthorized"},
		{"rita", "GET rbac-policies", NULL, 200, "rbac_policies.#=1"},
		{"bob", "DELETE rbac-policies/$q", NULL, 404, "RbacPolicyNotFound"},
		{"admin", "PUT quotas/alice", "{'quota':{'rbac_policy':2}}", 200, "quota.rbac_policy=2"},
		{"alice", "POST rbac-policies", SHARE("n", "d"), 201},
		{"alice", "POST rbac-policies", SHARE("n", "e"), 409, "OverQuota"});
}

static void revision_counts(void **state)
{
	make_network(*state);
	WORLD_RUN(*state, {"alice", "GET networks/$n", NULL, 200, "network.revision_number=2"},
		  {"alice", "POST rbac-policies", SHARE("n", "bob"), 201, NULL, "p"},
		  {"alice", "GET networks/$n", NULL, 200, "network.revision_number=3"},
		  {"alice", "DELETE rbac-policies/$p", NULL, 204},
		  {"alice", "GET networks/$n", NULL, 200, "network.revision_number=4"});
}

/* --- access_as_external --- */

static void external_for_one(void **state)
{
	world_furnish(*state);
	WORLD_RUN(*state,
		  {"admin", "GET rbac-policies?object_id=$ext", NULL, 200,
		   "rbac_policies.#=1 rbac_policies.0.action=access_as_external "
		   "rbac_policies.0.target_tenant=*"},
		  {"admin", "POST networks", NET("'name':'e2'"), 201, "network.router:external=false", "e"},
		  {"admin", "POST subnets",
		   "{'subnet':{'network_id':'$e','ip_version':4,'cidr':'10.20.0.0/24'}}", 201},
		  {"admin", "POST rbac-policies", EXPORT("e", "bob"), 201, NULL, "p"},
		  {"bob", "GET networks/$e", NULL, 200, "network.router:external=true network.shared=false"},
		  {"bob", "GET networks?router:external=true", NULL, 200, "networks.#=2"},
		  {"carol", "GET networks?router:external=true", NULL, 200, "networks.#=1"},
		  {"carol", "GET networks/$e", NULL, 404, "NetworkNotFound"},
		  {"carol", "POST floatingips", "{'floatingip':{'floating_network_id':'$e'}}", 404,
		   "NetworkNotFound"},
		  {"carol", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$e'}}}", 404,
		   "NetworkNotFound"},
		  {"bob", "POST ports", PORT("e"), 403, "PolicyNotAuthorized"},
		  {"carol", "GET /compute/v2.1/os-floating-ip-pools", NULL, 200, "floating_ip_pools.#=1"},
		  {"bob", "GET /compute/v2.1/os-floating-ip-pools", NULL, 200, "floating_ip_pools.#=2"},
		  {"carol", "POST /compute/v2.1/os-floating-ips", "{'pool':'e2'}", 404, NULL},
		  {"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$e'}}", 201, NULL, "f"},
		  {"bob", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$e'}}}", 201,
		   NULL, "r"},
		  {"admin", "DELETE rbac-policies/$p", NULL, 409, "RbacPolicyInUse"},
		  {"admin", "PUT networks/$e", NET("'router:external':false"), 409, "ExternalNetworkInUse"},
		  {"admin", "POST rbac-policies", EXPORT("e", "carol"), 201, NULL, "q"},
		  {"admin", "DELETE rbac-policies/$p", NULL, 409, "RbacPolicyInUse"},
		  {"bob", "DELETE routers/$r", NULL, 204}, {"admin", "DELETE rbac-policies/$p", NULL, 204},
		  {"bob", "GET networks/$e", NULL, 404, "NetworkNotFound"},
		  {"bob", "GET floatingips/$f", NULL, 200},
		  {"admin", "DELETE rbac-policies/$q", NULL, 409, "RbacPolicyInUse"},
		  {"bob", "DELETE floatingips/$f", NULL, 204},
		  {"admin", "DELETE rbac-policies/$q", NULL, 204},
		  {"admin", "GET networks/$e", NULL, 200, "network.router:external=false"});
}

/* A wildcard goes when those who use it have policies of their own. */
static void external_from_all_to_one(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state,
		{"alice", "POST routers", "{'router':{'external_gateway_info':{'network_id':'$ext'}}}", 201},
		{"admin", "GET rbac-policies?object_id=$ext", NULL, 200, "rbac_policies.#=1"},
		{"admin", "POST rbac-policies", EXPORT("ext", "alice"), 201, NULL, "q"},
		{"admin", "DELETE rbac-policies/$q", NULL, 204},
		{"admin", "POST rbac-policies", EXPORT("ext", "alice"), 201, NULL, "q"},
		{"admin", "PUT rbac-policies/$q", "{'rbac_policy':{'target_tenant':'*'}}", 409,
		 "DuplicateRbacPolicy"});
}

/* --- QoS policies --- */

static void qos_policy_for_one(void **state)
{
	world_furnish(*state);
	WORLD_RUN(
		*state, {"admin", "POST qos/policies", "{'policy':{'name':'slow'}}", 201, NULL, "p"},
		{"alice", "GET qos/policies/$p", NULL, 404, "QosPolicyNotFound"},
		{"admin", "POST rbac-policies", POLICY("qos_policy", "p", "shared", "alice"), 201, NULL, "r"},
		{"alice", "GET qos/policies/$p", NULL, 200, "policy.shared=true"},
		{"admin", "GET qos/policies/$p", NULL, 200, "policy.shared=false"},
		{"bob", "GET qos/policies", NULL, 200, "policies=[]"},
		{"admin", "POST rbac-policies", POLICY("qos_policy", "p", "external", "bob"), 400,
		 "InvalidActionForType"},
		{"alice", "POST floatingips",
		 "{'floatingip':{'floating_network_id':'$ext','qos_policy_id':'$p'}}", 201, NULL, "f"},
		{"admin", "DELETE rbac-policies/$r", NULL, 409, "RbacPolicyInUse"},
		{"admin", "PUT qos/policies/$p", "{'policy':{'shared':true}}", 200, "policy.shared=true"},
		{"admin", "DELETE rbac-policies/$r", NULL, 204},
		{"admin", "PUT qos/policies/$p", "{'policy':{'shared':false}}", 409, "RbacPolicyInUse"},
		{"alice", "DELETE floatingips/$f", NULL, 204},
		{"admin", "PUT qos/policies/$p", "{'policy':{'shared':false}}", 200, "policy.shared=false"},
		{"admin", "PUT qos/policies/$p", "{'policy':{'shared':true}}", 200},
		{"admin", "DELETE qos/policies/$p", NULL, 204},
		{"admin", "GET rbac-policies?object_type=qos_policy", NULL, 200, "rbac_policies=[]"});
}

/* --- the compute API's only network --- */

static void server_on_the_only_network(void **state)
{
	make_network(*state);
	WORLD_RUN(*state, {"alice", "POST rbac-policies", SHARE("n", "bob"), 201},
		  {"bob", "POST /compute/v2.1/servers", "{'server':{'name':'vm','flavorRef':'registered'}}",
		   202, NULL},
		  {"bob", "GET ports", NULL, 200, "ports.#=1 ports.0.network_id=$n"});
}

/* --- databases from before --- */

static int write_old(struct txn *t, void *arg, struct err *err)
{
	struct network *n = txn_new(t, KIND_NETWORK);
	struct qos_policy *p = txn_new(t, KIND_QOS_POLICY);
	int r;

	n->name = n->description = p->name = p->description = "";
	n->project_id = p->project_id = "alice";
	n->network_type = "local";
	n->shared = n->external = p->shared = true;
	r = txn_put(t, n, err);
	return r < 0 ? r : txn_put(t, p, err);
}

static void older_rows_get_policies(void **state)
{
	const struct actor actor = {.user_name = "test", .request_id = "test", .admin = true};
	struct world *w = *state;
	void *region = talloc_new(NULL);
	struct err err = {0};
	uint64_t before;

	assert_int_equal(ledger_write_sync(w->ledger, region, &actor, "test", write_old, NULL, &err), 0);
	assert_int_equal(rbac_complete(w->ledger, &err), 0);
	before = world_revision(w);
	WORLD_RUN(w,
		  {"alice", "GET rbac-policies?sort_key=object_type&sort_key=action", NULL, 200,
		   "rbac_policies.#=3 rbac_policies.0.action=access_as_external "
		   "rbac_policies.0.target_tenant=* "
		   "rbac_policies.1.action=access_as_shared rbac_policies.2.object_type=qos_policy"},
		  {"bob", "GET networks", NULL, 200, "networks.#=1 networks.0.shared=true"});
	assert_int_equal(rbac_complete(w->ledger, &err), 0);
	assert_int_equal(world_revision(w), before);
	talloc_free(region);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(shared_with_one),          CASE(shared_with_all),    CASE(attribute_is_policy),
		CASE(what_is_refused),          CASE(revision_counts),    CASE(external_for_one),
		CASE(external_from_all_to_one), CASE(qos_policy_for_one), CASE(server_on_the_only_network),
		CASE(older_rows_get_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
