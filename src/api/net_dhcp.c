/* DHCP options of a port: what may be given, and what stays of those that were there.
 * Under the hooks of ports; the responder sends them. */
#include "api/net.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "model/dhcp_option.h"

static int refuse(struct err *err, const char *name, const char *why)
{
	return err_api(err, 400, "HTTPBadRequest", "Invalid input for extra_dhcp_opts. Reason: '%.64s' %s.",
		       name, why);
}

/* Only of these two an empty value means something: that none is to be sent. */
static bool may_be_empty(const char *name)
{
	return strcmp(name, "router") == 0 || strcmp(name, "classless-static-route") == 0;
}

/* What would not be sent as it stands is refused here: a client of the API sees it, one of DHCP never would.
 */
static int check(const struct dhcp_opt *o, struct err *err)
{
	int number = dhcp_option_number(o->opt_name);
	uint8_t data[DHCP_OPTION_MAX];
	struct err why = {0};

	if (o->ip_version == 5)
		return refuse(err, o->opt_name, "is for IP version 5");
	if (o->ip_version == 6)
		return refuse(err, o->opt_name, "is for IP version 6, but DHCPv6 is not served");
	if (strpbrk(o->opt_name, "\r\n") || (o->opt_value && strpbrk(o->opt_value, "\r\n")))
		return refuse(err, "", "holds more than one line");
	if (number == -EPERM)
		return refuse(err, o->opt_name, "is one that the protocol sets itself");
	if (number < 0)
		return refuse(err, o->opt_name, "is no DHCP option");
	if (!o->opt_value)
		return 0;
	if (!o->opt_value[strspn(o->opt_value, " \t")] && !may_be_empty(o->opt_name))
		return refuse(err, o->opt_name, "has a blank value");
	if (dhcp_option_encode(number, o->opt_value, data, &why) < 0)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for extra_dhcp_opts. Reason: '%.64s' %.200s.", o->opt_name,
			       why.message);
	return 0;
}

static struct dhcp_opt *find(struct dhcp_opt *list, uint32_t count, const struct dhcp_opt *o)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i].ip_version == o->ip_version && strcmp(list[i].opt_name, o->opt_name) == 0)
			return &list[i];
	return NULL;
}

int net_merge_dhcp_opts(struct verb *v, const struct list *had, struct list *opts, struct err *err)
{
	const struct dhcp_opt *given = opts->items;
	uint32_t n = had ? had->count : 0,
		 max = (uint32_t)shape_attr(shape_of(KIND_PORT), "extra_dhcp_opts")->max;
	struct dhcp_opt *list = talloc_zero_array(v->t->region, struct dhcp_opt, n + opts->count + 1);
	int r;

	if (n)
		memcpy(list, had->items, n * sizeof(*list));
	for (uint32_t i = 0; i < opts->count; i++) {
		struct dhcp_opt *at = find(list, n, &given[i]);

		if ((r = check(&given[i], err)) < 0)
			return r;
		if (at && !given[i].opt_value)
			memmove(at, at + 1, (size_t)(list + --n - at) * sizeof(*list));
		else if (at)
			*at = given[i];
		else if (given[i].opt_value)
			list[n++] = given[i];
	}
	if (n > max)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for extra_dhcp_opts. Reason: more than %u items.", max);
	*opts = (struct list){list, n};
	return 0;
}
