/* DNS names of ports, networks and floating IPs: what may be given, and what they come to.
 * Under the hooks of those resources; the responder answers with them. */
#include "api/net.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "model/names.h"

#define WHOLE_MAX 255

static int invalid(struct err *err, const char *attr, const char *why)
{
	return err_api(err, 400, "HTTPBadRequest", "Invalid input for %s. Reason: %.300s.", attr, why);
}

/* In small letters: names are compared without regard to them (RFC 4343). */
static void fold(struct verb *v, const char **text)
{
	char *s = talloc_strdup(v->t->region, *text ? *text : "");

	for (char *p = s; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	*text = s;
}

static bool is_whole(const char *text)
{
	size_t n = strlen(text);

	return n && text[n - 1] == '.';
}

int net_check_dns_domain(struct verb *v, const char *attr, const char **domain, struct err *err)
{
	struct err why = {0};
	char text[400];

	fold(v, domain);
	if (!**domain)
		return 0;
	if (!is_whole(*domain)) {
		snprintf(text, sizeof(text), "'%.255s' is not a FQDN", *domain);
		return invalid(err, attr, text);
	}
	if (names_check(*domain, &why) < 0)
		return invalid(err, attr, why.message);
	if (strlen(*domain) > WHOLE_MAX - 2) {
		snprintf(text, sizeof(text),
			 "'%.200s' contains %zu characters. Adding a sub-domain will cause it to exceed the "
			 "maximum length of a FQDN of '%d'",
			 *domain, strlen(*domain), WHOLE_MAX);
		return invalid(err, attr, text);
	}
	return 0;
}

/* A whole name has to be one in the domain that the port is in. */
static int check_in_domain(const char *name, const char *domain, struct err *err)
{
	size_t n = strlen(name) - 1, m = strlen(domain);

	if (!m || (n > m + 1 && name[n - m - 1] == '.' && strncasecmp(name + n - m, domain, m) == 0))
		return 0;
	return err_api(
		err, 400, "HTTPBadRequest",
		"Invalid input for dns_name. Reason: The dns_name passed is a FQDN. Its higher level labels "
		"must be equal to the dns_domain, which is '%.200s.'.",
		domain);
}

int net_check_port_dns(struct verb *v, struct port *p, const struct network *n, struct err *err)
{
	char domain[DNS_NAME_TEXT];
	struct err why = {0};
	size_t len;
	int r = net_check_dns_domain(v, "dns_domain", &p->dns_domain, err);

	if (r < 0)
		return r;
	fold(v, &p->dns_name);
	if (names_check(p->dns_name, &why) < 0)
		return invalid(err, "dns_name", why.message);
	names_domain(p, n, v->c->api->config.dns_domain, domain);
	len = strlen(p->dns_name);
	if (is_whole(p->dns_name))
		return check_in_domain(p->dns_name, domain, err);
	if (len && len + strlen(domain) + 2 > WHOLE_MAX)
		return err_api(err, 400, "HTTPBadRequest",
			       "Invalid input for dns_name. Reason: The dns_name passed is a PQDN of %zu "
			       "characters. With the dns_domain '%.200s' it exceeds the maximum length of a "
			       "FQDN of '%d'.",
			       len, domain, WHOLE_MAX);
	return 0;
}

int net_check_floatingip_dns(struct verb *v, struct floatingip *f, struct err *err)
{
	struct err why = {0};
	int r = net_check_dns_domain(v, "dns_domain", &f->dns_domain, err);

	if (r < 0)
		return r;
	fold(v, &f->dns_name);
	if (is_whole(f->dns_name))
		return err_api(
			err, 400, "HTTPBadRequest",
			"Invalid input for dns_name. Reason: '%.200s' is a FQDN. It should be a relative "
			"domain name.",
			f->dns_name);
	if (names_check(f->dns_name, &why) < 0)
		return invalid(err, "dns_name", why.message);
	if (f->dns_domain[0] && !f->dns_name[0])
		return err_api(err, 400, "BadRequest",
			       "Bad floatingip request: dns_domain cannot be specified without a dns_name.");
	if (f->dns_name[0] && !f->dns_domain[0])
		return err_api(err, 400, "BadRequest",
			       "Bad floatingip request: dns_name cannot be specified without a dns_domain.");
	if (strlen(f->dns_name) + strlen(f->dns_domain) + 1 > WHOLE_MAX)
		return invalid(err, "dns_name", "with its dns_domain it is longer than 255 characters");
	return 0;
}

void net_print_dns_assignment(const struct call *c, const struct port *p, struct buf *out)
{
	const struct network *n = snap_get(c->snap, KIND_NETWORK, &p->network_id);
	const struct fixed_ip *f = p->fixed_ips.items;
	char ip[IP_TEXT], name[DNS_NAME_TEXT];

	buf_putc(out, '[');
	for (uint32_t i = 0; i < p->fixed_ips.count; i++) {
		buf_json_next(out);
		buf_putc(out, '{');
		buf_json_member(out, "ip_address", ip_print(&f[i].ip_address, ip));
		buf_json_member(out, "hostname", names_host(p, &f[i].ip_address, name));
		buf_json_member(out, "fqdn",
				names_whole(p, n, &f[i].ip_address, c->api->config.dns_domain, name));
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}
