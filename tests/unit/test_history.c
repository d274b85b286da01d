/* Whose an address was: by address, floating IP and port, at a time, for whom, over what is forgotten; and
 * the export. Unit test over a memory store; the steps are text, see net_world.h. */
#include "net_world.h"

#define HISTORY "GET buoy/history?"

static void furnish(struct world *w)
{
	world_furnish(w);
	world_report(w, NULL, NULL);
	WORLD_RUN(w,
		  {"alice", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201, NULL,
		   "f1"},
		  {"alice", "PUT floatingips/$f1", "{'floatingip':{'port_id':'$p1'}}", 200},
		  {"alice", "PUT floatingips/$f1", "{'floatingip':{'description':'no boundary'}}", 200},
		  {"alice", "PUT ports/$p1", "{'port':{'device_id':'vm1'}}", 200},
		  {"alice", "PUT ports/$p1", "{'port':{'device_id':'vm2'}}", 200},
		  {"alice", "PUT floatingips/$f1", "{'floatingip':{'port_id':'$p2'}}", 200},
		  {"alice", "DELETE floatingips/$f1", NULL, 204},
		  {"bob", "POST floatingips", "{'floatingip':{'floating_network_id':'$ext'}}", 201,
		   "floatingip.floating_ip_address=10.10.10.3", "f2"});
}

static void intervals(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(
		w,
		{"admin", HISTORY "address=10.10.10.3", NULL, 200,
		 "history.#=4 history.0.floatingip_id=$f2 history.0.project_id=bob history.0.end=null "
		 "history.0.port_id=null history.0.device_id=null history.0.start.user_id=bob "
		 "history.1.floatingip_id=$f1 history.1.port_id=$p2 history.1.fixed_ip_address=172.16.100.3 "
		 "history.1.end.user_id=alice history.2.port_id=$p1 history.2.fixed_ip_address=172.16.100.2 "
		 "history.2.device_id=vm2 history.2.devices.#=3 history.2.devices.1.device_id=vm1 "
		 "history.3.port_id=null history.3.start.before=null history_links=absent"},
		/* Each its own. */
		{"alice", HISTORY "address=10.10.10.3", NULL, 200, "history.#=3 history.0.floatingip_id=$f1"},
		{"bob", HISTORY "address=10.10.10.3", NULL, 200, "history.#=1 history.0.floatingip_id=$f2"},
		{"bob", HISTORY "floatingip_id=$f1", NULL, 200, "history.#=0"},
		{"rita", HISTORY "floatingip_id=$f1", NULL, 200,
		 "history.#=3 history.0.floating_ip_address=10.10.10.3"},
		{"alice", HISTORY "port_id=$p1", NULL, 200, "history.#=1 history.0.port_id=$p1"},
		{"admin", HISTORY "address=10.10.10.4", NULL, 200, "history.#=0"});
}

/* That others have had an address, how often and when, is not told by where the pages begin either; nor who
 * of another project took it over, or gave it. */
static void nothing_of_others(void **state)
{
	struct world *w = *state;
	char *accept = NULL;
	json_t *json;

	furnish(w);
	WORLD_RUN(
		w,
		{"carol", HISTORY "address=10.10.10.3&limit=1", NULL, 200,
		 "history.#=0 history_links=absent"},
		{"carol", HISTORY "floatingip_id=$f1&limit=1", NULL, 200, "history.#=0 history_links=absent"},
		{"carol", HISTORY "port_id=$p1&limit=1", NULL, 200, "history.#=0 history_links=absent"},
		/* Two of the five changes are bob's, or his successor's. */
		{"bob", HISTORY "address=10.10.10.3&limit=1", NULL, 200,
		 "history.#=1 history.0.floatingip_id=$f2 history_links=absent"},
		{"alice", HISTORY "address=10.10.10.3&limit=5", NULL, 200, "history.#=3"});
	assert_int_equal(world_send(w, w->curl, "bob", "POST buoy/transfers",
				    "{'transfer':{'floatingip_id':'$f2'}}", &json),
			 201);
	accept = xasprintf("{'accept':{'auth_key':'%s'}}",
			   json_string_value(json_object_get(json_object_get(json, "transfer"), "auth_key")));
	world_save(w, json, "t");
	json_decref(json);
	WORLD_RUN(w, {"carol", "POST buoy/transfers/$t/accept", accept, 200},
		  {"bob", HISTORY "address=10.10.10.3", NULL, 200,
		   "history.#=1 history.0.start.user_id=bob "
		   "history.0.end.user_id=null history.0.end.user_name=null history.0.end.project_id=null "
		   "history.0.end.request_id=null history.0.end.action=null"},
		  {"carol", HISTORY "address=10.10.10.3", NULL, 200,
		   "history.#=1 history.0.start.user_id=carol"},
		  {"admin", HISTORY "address=10.10.10.3", NULL, 200,
		   "history.1.end.user_id=carol history.1.end.project_id=carol"});
	free(accept);
}

/* However much others have had since. */
static void behind_much_of_others(void **state)
{
	struct world *w = *state;

	furnish(w);
	WORLD_RUN(w, {"bob", "DELETE floatingips/$f2", NULL, 204});
	for (int i = 0; i < 260; i++) {
		json_t *json = NULL;
		AUTO_FREE char *path = NULL;

		assert_int_equal(world_send(w, w->curl, "carol", "POST floatingips",
					    "{'floatingip':{'floating_network_id':'$ext'}}", &json),
				 201);
		path = xasprintf(
			"DELETE floatingips/%s",
			json_string_value(json_object_get(json_object_get(json, "floatingip"), "id")));
		json_decref(json);
		assert_int_equal(world_send(w, w->curl, "carol", path, NULL, &json), 204);
		json_decref(json);
	}
	WORLD_RUN(w,
		  {"alice", HISTORY "address=10.10.10.3&limit=4", NULL, 200,
		   "history.#=3 history.0.floatingip_id=$f1 history.0.end.user_id=alice "
		   "history_links=absent"},
		  {"alice", HISTORY "address=10.10.10.3&limit=2", NULL, 200, "history.#=1 history_links.#=1"},
		  {"dave", HISTORY "address=10.10.10.3", NULL, 200, "history.#=0 history_links=absent"});
}

static void pages(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *second = NULL;
	const char *href;
	json_t *json;

	furnish(w);
	assert_int_equal(world_send(w, w->curl, "admin", HISTORY "address=10.10.10.3&limit=2", NULL, &json),
			 200);
	/* Two changes: who has it now, and the end of the one before. */
	assert_int_equal(json_array_size(json_object_get(json, "history")), 1);
	href = json_string_value(
		json_object_get(json_array_get(json_object_get(json, "history_links"), 0), "href"));
	second = xasprintf("GET %s", strstr(href, "/v2.0"));
	json_decref(json);
	WORLD_RUN(w, {"admin", second, NULL, 200,
		      "history.#=2 history.0.port_id=$p2 history.0.end.user_id=alice history.1.port_id=$p1 "
		      "history.1.end.user_id=alice history_links.#=1"});
}

static void at_a_time(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *was_p1 = NULL, *was_nobodys = NULL, *now = NULL;

	furnish(w);
	was_p1 = xasprintf(HISTORY "address=10.10.10.3&at=%lu", (unsigned long)world_revision(w) - 3);
	was_nobodys = xasprintf(HISTORY "address=10.10.10.3&at=%lu", (unsigned long)world_revision(w) - 1);
	now = xasprintf(HISTORY "address=10.10.10.3&at=%lu", (unsigned long)world_revision(w));
	WORLD_RUN(w,
		  {"admin", was_p1, NULL, 200, "history.#=1 history.0.port_id=$p1 history.0.device_id=vm2"},
		  {"admin", was_nobodys, NULL, 200, "history.#=0"},
		  {"admin", now, NULL, 200, "history.#=1 history.0.project_id=bob"},
		  {"admin", HISTORY "address=10.10.10.3&at=2", NULL, 200, "history.#=0"});
}

/* What began before what is remembered is answered all the same. */
static void forgotten(void **state)
{
	struct world *w = *state;
	struct err err = {0};
	struct store_horizon h;
	int64_t now_us;
	bool more;

	furnish(w);
	WORLD_RUN(w, {"alice", "POST floatingips",
		      "{'floatingip':{'floating_network_id':'$ext','port_id':'$p1'}}", 201,
		      "floatingip.floating_ip_address=10.10.10.4", "f3"});
	now_us = clock_now_us();
	while (clock_now_us() == now_us)
		;
	assert_int_equal(w->history->ops->prune(w->history, clock_now_us(), &more, &err), 0);
	assert_int_equal(w->history->ops->horizon(w->history, &h, &err), 0);
	assert_int_equal(h.revision, world_revision(w));
	WORLD_RUN(
		w,
		{"admin", HISTORY "address=10.10.10.3", NULL, 200,
		 "history.#=1 history.0.project_id=bob history.0.start.time=null "
		 "history.0.start.user_id=null "
		 "history.0.start.revision=null history.0.end=null"},
		{"alice", HISTORY "address=10.10.10.4", NULL, 200,
		 "history.#=1 history.0.port_id=$p1 history.0.device_id=vm2"},
		{"alice", HISTORY "port_id=$p1", NULL, 200, "history.#=1 history.0.floatingip_id=$f3"},
		/* And when it changes: the first thing that is remembered is its end. */
		{"alice", "PUT floatingips/$f3", "{'floatingip':{'port_id':'$p2'}}", 200},
		{"alice", HISTORY "address=10.10.10.4", NULL, 200,
		 "history.#=2 history.0.port_id=$p2 history.0.start.before=null history.1.port_id=$p1 "
		 "history.1.start.time=null history.1.end.user_id=alice"},
		{"alice", "DELETE floatingips/$f3", NULL, 204},
		{"alice", HISTORY "floatingip_id=$f3", NULL, 200, "history.#=2 history.0.end.user_id=alice"});
	{
		AUTO_FREE char *at =
			xasprintf(HISTORY "address=10.10.10.4&at=%lu", (unsigned long)h.revision);
		AUTO_FREE char *old =
			xasprintf(HISTORY "address=10.10.10.4&at=%lu", (unsigned long)h.revision - 1);

		WORLD_RUN(w, {"alice", at, NULL, 200, "history.#=1 history.0.port_id=$p1"},
			  {"alice", old, NULL, 410, "HistoryForgotten"});
	}
}

static void what_is_refused(void **state)
{
	struct world *w = *state;

	world_furnish(w);
	WORLD_RUN(
		w, {"alice", "GET buoy/history", NULL, 400, "HTTPBadRequest:One of"},
		{"alice", HISTORY "address=10.0.0.1&port_id=$p1", NULL, 400, "HTTPBadRequest:One of"},
		{"alice", HISTORY "address=ten", NULL, 400, "HTTPBadRequest"},
		{"alice", HISTORY "port_id=x", NULL, 400, "HTTPBadRequest"},
		{"alice", HISTORY "address=10.0.0.1&colour=red", NULL, 400,
		 "HTTPBadRequest:no such parameter"},
		{"alice", HISTORY "address=10.0.0.1&at=never", NULL, 400, "HTTPBadRequest"},
		{"alice", HISTORY "address=10.0.0.1&as_of=1", NULL, 400, "HTTPBadRequest"},
		{"alice", "GET buoy/history/export", NULL, 403, "PolicyNotAuthorized"},
		{"admin", "GET buoy/history/export?format=xml", NULL, 400, "HTTPBadRequest"},
		{"admin", "GET buoy/history/export?from=yesterday", NULL, 400, "HTTPBadRequest"},
		{"admin", "GET buoy/history/export?from=2020-01-01T00:00:00Z", NULL, 410, "HistoryForgotten"},
		{"admin", "GET buoy/history/export?limit=1", NULL, 400, "HTTPBadRequest"});
}

/* The text of an export; waits while one is ending. */
static char *exported(struct world *w, const char *query)
{
	AUTO_FREE char *url =
		xasprintf("http://127.0.0.1:%u/v2.0/buoy/history/export?%s", http_port(w->server), query);
	struct buf text = {0};
	long status = 503;

	while (status == 503) {
		struct curl_slist *headers = curl_slist_append(NULL, "X-Auth-Token: admin");

		buf_done(&text);
		curl_easy_reset(w->curl);
		curl_easy_setopt(w->curl, CURLOPT_URL, url);
		curl_easy_setopt(w->curl, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(w->curl, CURLOPT_WRITEFUNCTION, world_collect);
		curl_easy_setopt(w->curl, CURLOPT_WRITEDATA, &text);
		curl_easy_setopt(w->curl, CURLOPT_PROXY, "");
		curl_easy_setopt(w->curl, CURLOPT_TIMEOUT, 60L);
		assert_int_equal(curl_easy_perform(w->curl), CURLE_OK);
		curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &status);
		curl_slist_free_all(headers);
	}
	assert_int_equal(status, 200);
	buf_puts(&text, "");
	return buf_take(&text);
}

static size_t lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void export(void **state)
{
	struct world *w = *state;
	AUTO_FREE char *all = NULL, *one = NULL, *none = NULL, *silent = NULL;
	struct err err = {0};
	bool more;

	furnish(w);
	WORLD_RUN(w,
		  {"alice", "POST floatingips",
		   "{'floatingip':{'floating_network_id':'$ext','port_id':'$p1'}}", 201, NULL, "f3"},
		  {"alice", "PUT ports/$p1", "{'port':{'device_id':'=cmd()'}}", 200});
	all = exported(w, "format=csv");
	assert_int_equal(lines(all), 6); /* the columns' names, four of one address, one of the other */
	assert_non_null(strstr(all, "\"10.10.10.4\","));
	assert_non_null(strstr(all, "\"'=cmd()\"")); /* no formula */
	one = exported(w, "format=jsonl&address=10.10.10.4");
	assert_int_equal(lines(one), 1);
	assert_non_null(strstr(one, "{\"floating_ip_address\":\"10.10.10.4\","));
	none = exported(w, "format=jsonl&address=10.10.10.99");
	assert_string_equal(none, "");
	while (clock_now_us() % 1000000 > 900000)
		;
	assert_int_equal(w->history->ops->prune(w->history, clock_now_us(), &more, &err), 0);
	silent = exported(w, "format=jsonl");
	assert_int_equal(lines(silent), 2); /* who has one now */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(intervals, world_start, world_stop),
		cmocka_unit_test_setup_teardown(nothing_of_others, world_start, world_stop),
		cmocka_unit_test_setup_teardown(behind_much_of_others, world_start, world_stop),
		cmocka_unit_test_setup_teardown(pages, world_start, world_stop),
		cmocka_unit_test_setup_teardown(at_a_time, world_start, world_stop),
		cmocka_unit_test_setup_teardown(forgotten, world_start, world_stop),
		cmocka_unit_test_setup_teardown(what_is_refused, world_start, world_stop),
		cmocka_unit_test_setup_teardown(export, world_start, world_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
