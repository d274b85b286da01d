/* Reads a world. See worldfile.h: one function per line that may stand there. */
#include "worldfile.h"

#include <arpa/inet.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The words of a line; those that are not there are empty. */
typedef char words[7][64];

static bool get_address(const char *text, uint32_t *ret, uint8_t *ret_plen)
{
	char address[32] = {0};
	unsigned plen = 32;
	struct in_addr in;

	if (sscanf(text, "%31[0-9.]/%u", address, &plen) < 1 || inet_pton(AF_INET, address, &in) != 1 ||
	    plen > 32)
		return false;
	*ret = ntohl(in.s_addr);
	if (ret_plen)
		*ret_plen = (uint8_t)plen;
	return true;
}

static bool get_mac(const char *text, uint8_t *ret)
{
	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", ret, ret + 1, ret + 2, ret + 3, ret + 4,
		      ret + 5) == 6;
}

static bool get_leg(const struct world *w, const char *name, unsigned *ret)
{
	for (*ret = 0; *ret < w->model.leg_count; ++*ret)
		if (!strcmp(w->leg_names[*ret], name))
			return true;
	return false;
}

static bool get_port(const struct world *w, const char *name, unsigned *ret)
{
	for (*ret = 0; *ret < w->port_count; ++*ret)
		if (!strcmp(w->ports[*ret].name, name))
			return true;
	return false;
}

static bool take_leg(struct world *w, words word)
{
	struct model_leg *leg = &w->legs[w->model.leg_count];

	if (w->model.leg_count == COUNT(w->legs))
		return false;
	snprintf(w->leg_names[w->model.leg_count++], sizeof(w->leg_names[0]), "%.31s", word[1]);
	leg->external = !strcmp(word[5], "external");
	return get_mac(word[2], leg->mac) && get_address(word[3], &leg->address, &leg->plen) &&
	       sscanf(word[4], "%u", &leg->mtu) == 1 && (leg->external || !strcmp(word[5], "inside"));
}

static bool take_port(struct world *w, words word)
{
	struct world_port *port = &w->ports[w->port_count];

	if (w->port_count == COUNT(w->ports) || !*word[4])
		return false;
	snprintf(port->name, sizeof(port->name), "%.31s", word[1]);
	snprintf(port->ns, sizeof(port->ns), "%.63s", word[3]);
	snprintf(port->dev, sizeof(port->dev), "%.31s", word[4]);
	w->port_count++;
	return get_leg(w, word[2], &port->leg);
}

static bool take_neighbour(struct world *w, words word)
{
	struct model_neighbour *n = &w->neighbours[w->model.neighbour_count];
	unsigned *port = &w->neighbour_port[w->model.neighbour_count];

	if (w->model.neighbour_count == COUNT(w->neighbours) || !get_port(w, word[3], port))
		return false;
	w->model.neighbour_count++;
	n->leg = w->ports[*port].leg;
	return get_address(word[1], &n->address, NULL) && get_mac(word[2], n->mac);
}

static bool take_nat(struct world *w, words word)
{
	struct model_nat *nat = &w->nats[w->model.nat_count];

	return w->model.nat_count++ < COUNT(w->nats) && get_address(word[1], &nat->floating, NULL) &&
	       get_address(word[2], &nat->fixed, NULL);
}

static bool take_route(struct world *w, words word)
{
	struct model_route *route = &w->routes[w->model.route_count];

	return w->model.route_count++ < COUNT(w->routes) && get_address(word[1], &route->to, &route->plen) &&
	       get_address(word[2], &route->via, NULL) && get_leg(w, word[3], &route->leg);
}

static bool take_peer(struct world *w, words word)
{
	uint32_t *at = &w->peers[w->packets.peer_count];

	return w->packets.peer_count++ < COUNT(w->peers) && get_address(word[1], at, NULL);
}

static bool take_remote(struct world *w, words word)
{
	uint32_t *at = &w->remotes[w->packets.remote_count];

	return w->packets.remote_count++ < COUNT(w->remotes) && get_address(word[1], at, NULL);
}

static bool take_snat(struct world *w, words word)
{
	w->model.snat = !strcmp(word[1], "on");
	return w->model.snat || !strcmp(word[1], "off");
}

static const struct {
	const char *name;
	bool (*take)(struct world *w, words word);
} lines[] = {
	{"leg", take_leg},     {"port", take_port}, {"neighbour", take_neighbour}, {"nat", take_nat},
	{"route", take_route}, {"peer", take_peer}, {"remote", take_remote},       {"snat", take_snat},
};

static bool take_line(struct world *w, const char *line)
{
	words word = {0};

	if (sscanf(line, " %63s %63s %63s %63s %63s %63s", word[0], word[1], word[2], word[3], word[4],
		   word[5]) < 1 ||
	    word[0][0] == '#')
		return true;
	for (size_t i = 0; i < COUNT(lines); i++)
		if (!strcmp(lines[i].name, word[0]))
			return lines[i].take(w, word);
	return false;
}

int world_read(struct world *w, FILE *file)
{
	char line[512];

	memset(w, 0, sizeof(*w));
	w->model.legs = w->legs;
	w->model.nats = w->nats;
	w->model.routes = w->routes;
	w->model.neighbours = w->neighbours;
	w->model.snat = true;
	w->packets.world = &w->model;
	w->packets.peers = w->peers;
	w->packets.remotes = w->remotes;
	while (fgets(line, sizeof(line), file))
		if (!take_line(w, line)) {
			fprintf(stderr, "world: not understood: %s", line);
			return -1;
		}
	if (w->port_count && w->model.nat_count && w->model.neighbour_count && w->packets.peer_count)
		return 0;
	fputs("world: a port, a nat, a neighbour and a peer are needed\n", stderr);
	return -1;
}

const struct model_neighbour *world_find_mac(const struct world *w, unsigned leg, const uint8_t *mac)
{
	for (size_t i = 0; i < w->model.neighbour_count; i++)
		if (w->neighbours[i].leg == leg && memcmp(w->neighbours[i].mac, mac, 6) == 0)
			return &w->neighbours[i];
	return NULL;
}
