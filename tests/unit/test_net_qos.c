/* QoS policies and their rules through the API: who sees and changes them, what stands in the way, nesting.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define RULE(fields) "{'bandwidth_limit_rule':{" fields "}}"
#define RULES(p)     "qos/policies/$" p "/bandwidth_limit_rules"

static void make_policy(struct world *w)
{
	WORLD_RUN(w,
		  {"admin", "POST qos/policies", "{'policy':{'name':'slow','project_id':'alice'}}", 201,
		   "policy.name=slow policy.project_id=alice policy.tenant_id=alice policy.shared=false "
		   "policy.is_default=false policy.rules=[] policy.revision_number=1 policy.tags=[]",
		   "p"},
		  {"admin", "POST " RULES("p"), RULE("'max_kbps':1000"), 201,
		   "bandwidth_limit_rule.max_kbps=1000 bandwidth_limit_rule.max_burst_kbps=0 "
		   "bandwidth_limit_rule.direction=egress",
		   "e"});
}

/* --- who --- */

static void whose_policy(void **state)
{
	make_policy(*state);
	WORLD_RUN(*state, {"alice", "POST qos/policies", "{'policy':{}}", 403, "PolicyNotAuthorized"},
		  {"rita", "POST qos/policies", "{'policy':{}}", 403, "PolicyNotAuthorized"},
		  {"alice", "GET qos/policies/$p", NULL, 200, "policy.rules.#=1"},
		  {"rita", "GET qos/policies", NULL, 200, "policies.#=1"},
		  {"alice", "PUT qos/policies/$p", "{'policy':{'name':'mine'}}", 403, "PolicyNotAuthorized"},
		  {"alice", "DELETE qos/policies/$p", NULL, 403, "PolicyNotAuthorized"},
		  {"bob", "GET qos/policies/$p", NULL, 404, "QosPolicyNotFound:QoS policy"},
		  /* What is wrong with the body is said before anybody looks for the row. */
		  {"bob", "PUT qos/policies/$p", "{'policy':{'name':7}}", 400, "HTTPBadRequest"},
		  {"bob", "PUT qos/policies/$p", "{'policy':{'name':'x'}}", 404, "QosPolicyNotFound"},
		  {"admin", "PUT policies/$p/tags", "{'tags':['red']}", 200, "tags.0=red"},
		  {"admin", "GET qos/policies?tags=red", NULL, 200, "policies.0.id=$p"},
		  {"bob", "GET qos/policies", NULL, 200, "policies=[]"},
		  {"admin", "PUT qos/policies/$p", "{'policy':{'shared':true}}", 200, "policy.shared=true"},
		  {"bob", "GET qos/policies?name=slow", NULL, 200, "policies.0.id=$p"},
		  {"bob", "GET qos/policies?project_id=bob", NULL, 200, "policies=[]"},
		  {"bob", "PUT qos/policies/$p", "{'policy':{'name':'mine'}}", 403, "PolicyNotAuthorized"});
}

static void whose_rule(void **state)
{
	make_policy(*state);
	WORLD_RUN(*state, {"alice", "GET " RULES("p") "/$e", NULL, 200, "bandwidth_limit_rule.id=$e"},
		  {"alice", "GET " RULES("p"), NULL, 200, "bandwidth_limit_rules.#=1"},
		  {"alice", "POST " RULES("p"), RULE("'max_kbps':1,'direction':'ingress'"), 403,
		   "PolicyNotAuthorized"},
		  {"alice", "PUT " RULES("p") "/$e", RULE("'max_kbps':1"), 403, "PolicyNotAuthorized"},
		  {"alice", "DELETE " RULES("p") "/$e", NULL, 403, "PolicyNotAuthorized"},
		  {"bob", "GET " RULES("p"), NULL, 404, "QosPolicyNotFound"},
		  {"bob", "POST " RULES("p"), RULE("'max_kbps':1"), 403, "PolicyNotAuthorized"},
		  {"alice", "POST qos/policies/nonsense/bandwidth_limit_rules", RULE("'max_kbps':1"), 403,
		   "PolicyNotAuthorized"},
		  {"bob", "GET " RULES("p") "/$e", NULL, 404, "QosPolicyNotFound"},
		  {"bob", "DELETE " RULES("p") "/$e", NULL, 404, "QosPolicyNotFound"});
}

/* --- rules --- */

static void one_rule_for_each_direction(void **state)
{
	make_policy(*state);
	WORLD_RUN(*state,
		  {"admin", "POST " RULES("p"), RULE("'max_kbps':5"), 409,
		   "QoSRulesConflict:which already exists in QoS Policy"},
		  {"admin", "POST " RULES("p"), RULE("'max_kbps':5,'max_burst_kbps':6,'direction':'ingress'"),
		   201, NULL, "i"},
		  {"admin", "PUT " RULES("p") "/$i", RULE("'direction':'egress'"), 409, "QoSRulesConflict"},
		  {"admin", "PUT " RULES("p") "/$i", RULE("'direction':'ingress','max_kbps':'7'"), 200,
		   "bandwidth_limit_rule.max_kbps=7 bandwidth_limit_rule.max_burst_kbps=6"},
		  {"admin", "GET " RULES("p") "?direction=ingress", NULL, 200,
		   "bandwidth_limit_rules.#=1 bandwidth_limit_rules.0.id=$i"},
		  {"admin", "GET " RULES("p") "?sort_key=max_kbps&fields=id&limit=1", NULL, 200,
		   "bandwidth_limit_rules.#=1 bandwidth_limit_rules.0.id=$i "
		   "bandwidth_limit_rules.0.max_kbps=absent "
		   "bandwidth_limit_rules_links.0.href=http://127.0.0.1/v2.0/qos/policies/$p/"
		   "bandwidth_limit_rules?sort_key=max_kbps&fields=id&limit=1&marker=$i"},
		  {"admin", "DELETE " RULES("p") "/$e", NULL, 204},
		  {"admin", "PUT " RULES("p") "/$i", RULE("'direction':'egress'"), 200},
		  {"alice", "GET qos/policies/$p", NULL, 200,
		   "policy.rules.#=1 policy.rules.0.id=$i policy.rules.0.qos_policy_id=$p "
		   "policy.rules.0.type=bandwidth_limit policy.rules.0.max_kbps=7 "
		   "policy.rules.0.max_burst_kbps=6 policy.rules.0.direction=egress"});
}

/* The policy counts the changes of its rules; saying the same again is none. */
static void rules_belong_to_their_policy(void **state)
{
	make_policy(*state);
	WORLD_RUN(*state, {"admin", "GET qos/policies/$p", NULL, 200, "policy.revision_number=2"},
		  {"admin", "PUT " RULES("p") "/$e", RULE("'max_kbps':1000"), 200},
		  {"admin", "GET qos/policies/$p", NULL, 200, "policy.revision_number=2"},
		  {"admin", "PUT " RULES("p") "/$e", RULE("'max_kbps':1001"), 200},
		  {"admin", "GET qos/policies/$p", NULL, 200, "policy.revision_number=3"},
		  {"admin", "POST qos/policies", "{'policy':{'name':'other'}}", 201, NULL, "q"},
		  {"admin", "GET " RULES("q"), NULL, 200, "bandwidth_limit_rules=[]"},
		  {"admin", "GET " RULES("q") "/$e", NULL, 404, "QosRuleNotFound"},
		  {"admin", "PUT " RULES("q") "/$e", RULE("'max_kbps':9"), 404, "QosRuleNotFound"},
		  {"admin", "DELETE " RULES("q") "/$e", NULL, 404, "QosRuleNotFound"},
		  {"admin", "POST qos/policies/$e/bandwidth_limit_rules", RULE("'max_kbps':9"), 404,
		   "QosPolicyNotFound"},
		  {"admin", "GET " RULES("p") "/x", NULL, 404, "QosRuleNotFound"},
		  {"admin", "PUT qos/policies/$p/tags/gold", NULL, 201},
		  {"admin", "GET qos/policies?tags=gold", NULL, 200, "policies.#=1 policies.0.id=$p"},
		  {"admin", "GET " RULES("p") "/$e/tags", NULL, 404, "HTTPNotFound"},
		  {"admin", "DELETE qos/policies/$p", NULL, 204},
		  {"admin", "GET " RULES("p") "/$e", NULL, 404, "QosPolicyNotFound"},
		  {"admin", "DELETE " RULES("p") "/$e", NULL, 404, "QosPolicyNotFound"});
}

static void one_default(void **state)
{
	make_policy(*state);
	WORLD_RUN(*state,
		  {"admin", "POST qos/policies", "{'policy':{'project_id':'alice','is_default':true}}", 201,
		   "policy.is_default=true", "d"},
		  {"admin", "PUT qos/policies/$p", "{'policy':{'is_default':true}}", 409,
		   "QoSPolicyDefaultAlreadyExists"},
		  {"admin", "POST qos/policies", "{'policy':{'project_id':'bob','is_default':true}}", 201},
		  {"admin", "PUT qos/policies/$d", "{'policy':{'is_default':false}}", 200},
		  {"admin", "PUT qos/policies/$p", "{'policy':{'is_default':true}}", 200});
}

/* --- floating IPs --- */

static void floating_ips_have_policies(void **state)
{
	world_furnish(*state);
	make_policy(*state);
	WORLD_RUN(*state,
		  {"bob", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','qos_policy_id':'$p'}}", 404,
		   "QosPolicyNotFound"},
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','qos_policy_id':'$p','port_id':'$p1'}}", 201,
		   "floatingip.qos_policy_id=$p", "f"},
		  {"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201,
		   "floatingip.qos_policy_id=null", "g"},
		  {"alice", "GET floatingips?qos_policy_id=$p", NULL, 200,
		   "floatingips.#=1 floatingips.0.id=$f"},
		  {"admin", "DELETE qos/policies/$p", NULL, 409, "QosPolicyInUse:is used by floatingip"},
		  {"alice", "PUT floatingips/$f", "{'floatingip':{'qos_policy_id':null}}", 200,
		   "floatingip.qos_policy_id=null floatingip.port_id=$p1"},
		  {"alice", "PUT floatingips/$g", "{'floatingip':{'qos_policy_id':'$p'}}", 200,
		   "floatingip.qos_policy_id=$p"},
		  {"admin", "PUT " RULES("p") "/$e", RULE("'max_kbps':7"), 200},
		  {"alice", "DELETE floatingips/$g", NULL, 204},
		  {"admin", "DELETE qos/policies/$p", NULL, 204});
}

static void shared_while_others_use_it(void **state)
{
	world_furnish(*state);
	make_policy(*state);
	WORLD_RUN(*state, {"admin", "PUT qos/policies/$p", "{'policy':{'shared':true}}", 200},
		  {"bob", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','qos_policy_id':'$p'}}", 201, NULL, "f"},
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','qos_policy_id':'$p'}}", 201},
		  {"admin", "PUT qos/policies/$p", "{'policy':{'shared':false}}", 409, "RbacPolicyInUse"},
		  {"bob", "PUT floatingips/$f", "{'floatingip':{'qos_policy_id':null}}", 200},
		  {"admin", "PUT qos/policies/$p", "{'policy':{'shared':false}}", 200},
		  {"bob", "PUT floatingips/$f", "{'floatingip':{'qos_policy_id':'$p'}}", 404,
		   "QosPolicyNotFound"});
}

/* --- what else the API says --- */

static void rule_types(void **state)
{
	WORLD_RUN(
		*state,
		{"rita", "GET qos/rule-types", NULL, 200, "rule_types.#=1 rule_types.0.type=bandwidth_limit"},
		{"rita", "GET qos/rule-types/bandwidth_limit", NULL, 403, "PolicyNotAuthorized"},
		{"admin", "GET qos/rule-types/bandwidth_limit", NULL, 200,
		 "rule_type.drivers.0.supported_parameters.0.parameter_values.end=2147483647"},
		{"admin", "GET qos/rule-types/dscp_marking", NULL, 404, "QosRuleTypeNotFound"},
		{"rita", "GET extensions/qos-fip", NULL, 200, "extension.alias=qos-fip"},
		{"rita", "GET extensions/qos-rules-alias", NULL, 404, "ExtensionNotFound"});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(whose_policy),
		WORLD_TEST(whose_rule),
		WORLD_TEST(one_rule_for_each_direction),
		WORLD_TEST(rules_belong_to_their_policy),
		WORLD_TEST(one_default),
		WORLD_TEST(floating_ips_have_policies),
		WORLD_TEST(shared_while_others_use_it),
		WORLD_TEST(rule_types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
