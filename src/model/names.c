/* Names of instances. Between the rows of ports and networks, and who shows or answers them. */
#include "model/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LABEL_MAX      63
#define NAME_MAX_BYTES 255

static int refuse(struct err *err, const char *text, const char *why)
{
	return err_set(err, -EINVAL, "'%.100s' not a valid PQDN or FQDN. Reason: %s", text, why);
}

static int check_label(const char *label, size_t n, const char *text, struct err *err)
{
	char why[200];

	if (n == 0)
		return refuse(err, text, "Encountered an empty component");
	if (label[0] == '-' || label[n - 1] == '-') {
		snprintf(why, sizeof(why), "Name '%.*s' must not start or end with a hyphen",
			 (int)MIN(n, (size_t)64), label);
		return refuse(err, text, why);
	}
	for (size_t i = 0; i < n; i++)
		if (n > LABEL_MAX || !(isalnum((unsigned char)label[i]) || label[i] == '-')) {
			snprintf(why, sizeof(why),
				 "Name '%.*s' must be 1-63 characters long, each of which can only be "
				 "alphanumeric or a hyphen",
				 (int)MIN(n, (size_t)64), label);
			return refuse(err, text, why);
		}
	return 0;
}

int names_check(const char *text, struct err *err)
{
	size_t len = strlen(text), at = 0, labels = 0, n = 0;
	char why[200];
	int r = 0;

	if (!len)
		return 0;
	if (text[len - 1] == '.')
		len--;
	if (len > NAME_MAX_BYTES)
		return refuse(err, text, "it exceeds the 255 character FQDN limit");
	for (; at <= len && r == 0; at += n + 1, labels++) {
		n = strcspn(text + at, ".");
		r = check_label(text + at, MIN(n, len - at), text, err);
	}
	if (r == 0 && labels > 1 && strspn(text + at - n - 1, "0123456789") == n) {
		snprintf(why, sizeof(why), "TLD '%.*s' must not be all numeric", (int)n, text + at - n - 1);
		r = refuse(err, text, why);
	}
	return r;
}

static bool is_given(const char *text)
{
	return text && text[0];
}

/* Without its final dot. */
static const char *copy(const char *text, char out[DNS_NAME_TEXT])
{
	size_t n = (size_t)snprintf(out, DNS_NAME_TEXT, "%.300s", text);

	if (n && out[n - 1] == '.')
		out[n - 1] = '\0';
	return out;
}

const char *names_domain(const struct port *port, const struct network *network, const char *domain,
			 char out[DNS_NAME_TEXT])
{
	if (port && is_given(port->dns_domain))
		domain = port->dns_domain;
	else if (network && is_given(network->dns_domain))
		domain = network->dns_domain;
	return copy(domain ? domain : "", out);
}

const char *names_host(const struct port *port, const struct ip *ip, char out[DNS_NAME_TEXT])
{
	char text[IP_TEXT];

	if (is_given(port->dns_name)) {
		snprintf(out, DNS_NAME_TEXT, "%.300s", port->dns_name);
		return out;
	}
	ip_print(ip, text);
	for (char *p = text; *p; p++)
		if (*p == '.' || *p == ':')
			*p = '-';
	snprintf(out, DNS_NAME_TEXT, "host-%s", text);
	return out;
}

const char *names_whole(const struct port *port, const struct network *network, const struct ip *ip,
			const char *domain, char out[DNS_NAME_TEXT])
{
	char tail[DNS_NAME_TEXT];
	size_t n;

	names_host(port, ip, out);
	n = strlen(out);
	if (n && out[n - 1] == '.')
		return out;
	names_domain(port, network, domain, tail);
	snprintf(out + n, DNS_NAME_TEXT - n, "%s%.200s.", tail[0] ? "." : "", tail);
	return out;
}

int names_parse_host(const char *label, struct ip *ret)
{
	size_t n = strcspn(label, ".");
	char text[IP_TEXT], again[IP_TEXT];

	if (n < 6 || n - 5 >= sizeof(text) || strncasecmp(label, "host-", 5) != 0)
		return -EINVAL;
	memcpy(text, label + 5, n - 5);
	text[n - 5] = '\0';
	for (char *p = text; *p; p++)
		if (*p == '-')
			*p = '.';
	/* One name for each address: not host-010-0-0-5. */
	return ip_parse(text, ret) == 0 && ip_is_v4(ret) && strcmp(ip_print(ret, again), text) == 0 ? 0
												    : -EINVAL;
}
