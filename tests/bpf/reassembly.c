/* IPv4 reassembly. See reassembly.h. */
#include "reassembly.h"

#include <stdlib.h>
#include <string.h>

#include "model.h"

enum { ETH = 14, MF = 0x2000, OFFSET = 0x1fff, PAYLOAD_MAX = 65535 };

struct unfinished {
	struct unfinished *next;
	unsigned where, age;
	uint8_t head[ETH + 60]; /* of the first fragment */
	size_t head_len;        /* 0: not there yet */
	size_t total;           /* of the payload; 0: the last fragment is not there yet */
	uint8_t key[11];        /* addresses, identification, protocol */
	bool there[PAYLOAD_MAX / 8 + 1];
	uint8_t payload[PAYLOAD_MAX + 8];
};

static unsigned get16(const uint8_t *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, size_t n)
{
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
}

bool reassembly_is_fragment(const uint8_t *frame, size_t len)
{
	return len >= ETH + 20 && get16(frame + 12) == 0x0800 && get16(frame + ETH + 6) & (MF | OFFSET);
}

static struct unfinished *find(struct reassembly *r, unsigned where, const uint8_t *ip)
{
	uint8_t key[11];
	struct unfinished *u;

	memcpy(key, ip + 12, 8);
	memcpy(key + 8, ip + 4, 2);
	key[10] = ip[9];
	for (u = r->first; u; u = u->next)
		if (u->where == where && memcmp(u->key, key, sizeof(key)) == 0)
			return u;
	u = calloc(1, sizeof(*u));
	if (!u)
		abort();
	u->where = where;
	memcpy(u->key, key, sizeof(key));
	u->next = r->first;
	r->first = u;
	return u;
}

static void forget(struct reassembly *r, struct unfinished *which)
{
	struct unfinished **at = &r->first;

	while (*at != which)
		at = &(*at)->next;
	*at = which->next;
	free(which);
}

static bool is_whole(const struct unfinished *u)
{
	if (!u->head_len || !u->total)
		return false;
	for (size_t i = 0; i < (u->total + 7) / 8; i++)
		if (!u->there[i])
			return false;
	return u->head_len - ETH + u->total <= 65535;
}

static void take(struct unfinished *u, const uint8_t *frame, size_t hlen, size_t n)
{
	const uint8_t *ip = frame + ETH;
	size_t at = (get16(ip + 6) & OFFSET) * 8U;

	if (at + n > PAYLOAD_MAX)
		return;
	memcpy(u->payload + at, ip + hlen, n);
	for (size_t i = at / 8; i < (at + n + 7) / 8; i++)
		u->there[i] = true;
	if (!(get16(ip + 6) & MF))
		u->total = at + n;
	if (at == 0) {
		memcpy(u->head, frame, ETH + hlen);
		u->head_len = ETH + hlen;
	}
}

static size_t put_together(const struct unfinished *u, uint8_t *out)
{
	uint8_t *ip = out + ETH;
	size_t hlen = u->head_len - ETH;

	memcpy(out, u->head, u->head_len);
	memcpy(out + u->head_len, u->payload, u->total);
	put16(ip + 2, hlen + u->total);
	put16(ip + 6, get16(ip + 6) & ~(unsigned)(MF | OFFSET));
	put16(ip + 10, 0);
	put16(ip + 10, model_checksum(ip, hlen, 0));
	return u->head_len + u->total;
}

size_t reassembly_add(struct reassembly *r, unsigned where, const uint8_t *frame, size_t len, uint8_t *out)
{
	const uint8_t *ip = frame + ETH;
	size_t hlen = (ip[0] & 15) * 4U, total = get16(ip + 2), whole;
	struct unfinished *u;

	if (hlen < 20 || total < hlen || ETH + total > len)
		return 0;
	u = find(r, where, ip);
	take(u, frame, hlen, total - hlen);
	if (!is_whole(u))
		return 0;
	whole = put_together(u, out);
	forget(r, u);
	return whole;
}

void reassembly_age(struct reassembly *r, unsigned calls)
{
	struct unfinished *next;

	for (struct unfinished *u = r->first; u; u = next) {
		next = u->next;
		if (++u->age > calls)
			forget(r, u);
	}
}
