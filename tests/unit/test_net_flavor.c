/* Flavors, service profiles and providers through the API; flavors of routers.
 * Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

static void make_both(struct world *w)
{
	WORLD_RUN(w,
		  {"admin", "POST flavors", "{'flavor':{'name':'plain','service_type':'L3_ROUTER_NAT'}}", 201,
		   "flavor.name=plain flavor.enabled=true flavor.service_profiles=[] "
		   "flavor.service_type=L3_ROUTER_NAT",
		   "f"},
		  {"admin", "POST service_profiles", "{'service_profile':{'driver':'buoy'}}", 201,
		   "service_profile.driver=buoy service_profile.enabled=true", "p"});
}

static void who(void **state)
{
	make_both(*state);
	WORLD_RUN(*state, {"alice", "GET flavors", NULL, 200, "flavors.#=1 flavors.0.id=$f"},
		  {"alice", "GET flavors?service_type=QOS", NULL, 200, "flavors=[]"},
		  {"alice", "GET flavors/$f", NULL, 200, "flavor.id=$f"},
		  {"alice", "PUT flavors/$f", "{'flavor':{'name':'x'}}", 403, "PolicyNotAuthorized"},
		  {"alice", "DELETE flavors/$f", NULL, 403, "PolicyNotAuthorized"},
		  {"alice", "POST flavors", "{'flavor':{'service_type':'QOS'}}", 403, "PolicyNotAuthorized"},
		  {"alice", "GET service_profiles", NULL, 200, "service_profiles=[]"},
		  {"alice", "GET service_profiles/$p", NULL, 404, "ServiceProfileNotFound"},
		  {"alice", "POST service_profiles", "{'service_profile':{'driver':'buoy'}}", 403,
		   "PolicyNotAuthorized"},
		  {"alice", "POST flavors/$f/service_profiles", "{'service_profile':{'id':'$p'}}", 403,
		   "PolicyNotAuthorized"},
		  {"alice", "GET service-providers", NULL, 200,
		   "service_providers.#=1 service_providers.0.service_type=L3_ROUTER_NAT "
		   "service_providers.0.name=buoy service_providers.0.default=true "
		   "service_providers.0.id=absent"});
}

static void what_is_refused(void **state)
{
	make_both(*state);
	WORLD_RUN(*state,
		  {"admin", "POST flavors", "{'flavor':{'service_type':'MAGIC'}}", 400, "HTTPBadRequest"},
		  {"admin", "POST flavors", "{'flavor':{}}", 400, "HTTPBadRequest"},
		  {"admin", "PUT flavors/$f", "{'flavor':{'service_type':'QOS'}}", 400, "HTTPBadRequest"},
		  {"admin", "POST service_profiles", "{'service_profile':{}}", 400,
		   "ServiceProfileEmpty:needs either a driver or metainfo"},
		  {"admin", "POST service_profiles", "{'service_profile':{'driver':'magic'}}", 404,
		   "ServiceProfileDriverNotFound:magic"},
		  {"admin", "PUT service_profiles/$p", "{'service_profile':{'driver':''}}", 400,
		   "ServiceProfileEmpty"},
		  {"admin", "GET flavors/x", NULL, 404, "FlavorNotFound"},
		  {"admin", "POST flavors/$f/service_profiles", "{}", 400, "HTTPBadRequest"},
		  {"admin", "POST flavors/$f/service_profiles", "{'service_profile':{'id':'$f'}}", 404,
		   "ServiceProfileNotFound"},
		  {"admin", "POST flavors/$p/service_profiles", "{'service_profile':{'id':'$p'}}", 404,
		   "FlavorNotFound"});
}

static void associations(void **state)
{
	make_both(*state);
	WORLD_RUN(
		*state,
		{"admin", "GET flavors/$f/next_providers", NULL, 404, "FlavorServiceProfileBindingNotFound"},
		{"admin", "POST flavors/$f/service_profiles", "{'service_profile':{'id':'$p'}}", 201,
		 "service_profile.id=$f service_profile.service_profiles.0=$p"},
		{"admin", "POST flavors/$f/service_profiles", "{'service_profile':{'id':'$p'}}", 409,
		 "FlavorServiceProfileBindingExists"},
		{"admin", "GET flavors/$f/service_profiles/$p", NULL, 200,
		 "service_profile.service_profile_id=$p service_profile.flavor_id=$f"},
		{"alice", "GET flavors/$f/next_providers", NULL, 200,
		 "next_providers.#=1 next_providers.0.provider=buoy next_providers.0.driver=buoy"},
		{"admin", "DELETE service_profiles/$p", NULL, 409, "ServiceProfileInUse"},
		{"admin", "PUT service_profiles/$p", "{'service_profile':{'enabled':false}}", 409,
		 "ServiceProfileInUse"},
		{"admin", "DELETE flavors/$f/service_profiles/$p", NULL, 204},
		{"admin", "DELETE flavors/$f/service_profiles/$p", NULL, 404,
		 "FlavorServiceProfileBindingNotFound"},
		{"admin", "GET flavors/$f", NULL, 200, "flavor.service_profiles=[]"},
		{"admin", "DELETE service_profiles/$p", NULL, 204},
		{"admin", "DELETE flavors/$f", NULL, 204});
}

static void routers_have_flavors(void **state)
{
	make_both(*state);
	WORLD_RUN(*state, {"alice", "POST routers", "{'router':{}}", 201, "router.flavor_id=null"},
		  {"alice", "POST routers", "{'router':{'flavor_id':'$f'}}", 404,
		   "FlavorServiceProfileBindingNotFound"},
		  {"admin", "POST flavors/$f/service_profiles", "{'service_profile':{'id':'$p'}}", 201},
		  {"alice", "POST routers", "{'router':{'flavor_id':'$f'}}", 201, "router.flavor_id=$f", "r"},
		  {"alice", "GET routers?flavor_id=$f", NULL, 200, "routers.#=1 routers.0.id=$r"},
		  {"alice", "PUT routers/$r", "{'router':{'flavor_id':null}}", 400, "HTTPBadRequest"},
		  {"alice", "POST routers", "{'router':{'flavor_id':'$r'}}", 404, "FlavorNotFound"},
		  {"admin", "DELETE flavors/$f", NULL, 409, "FlavorInUse"},
		  {"admin", "PUT flavors/$f", "{'flavor':{'enabled':false}}", 200},
		  {"alice", "POST routers", "{'router':{'flavor_id':'$f'}}", 503, "FlavorDisabled"},
		  {"admin", "POST flavors", "{'flavor':{'service_type':'QOS'}}", 201, NULL, "q"},
		  {"alice", "POST routers", "{'router':{'flavor_id':'$q'}}", 400, "BadRequest"},
		  {"admin", "POST service_profiles", "{'service_profile':{'driver':'buoy','enabled':false}}",
		   201, NULL, "off"},
		  {"admin", "POST flavors", "{'flavor':{'service_type':'L3_ROUTER_NAT'}}", 201, NULL, "g"},
		  {"admin", "POST flavors/$g/service_profiles", "{'service_profile':{'id':'$off'}}", 201},
		  {"alice", "POST routers", "{'router':{'flavor_id':'$g'}}", 503, "ServiceProfileDisabled"},
		  {"alice", "DELETE routers/$r", NULL, 204}, {"admin", "DELETE flavors/$f", NULL, 204});
}

int main(void)
{
#define WORLD_TEST(fn) cmocka_unit_test_setup_teardown(fn, world_start, world_stop)
	const struct CMUnitTest tests[] = {
		WORLD_TEST(who),
		WORLD_TEST(what_is_refused),
		WORLD_TEST(associations),
		WORLD_TEST(routers_have_flavors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
