/* Tells where the router differs from the model, so that it can be made again. See differential.h. */
#include <inttypes.h>
#include <stdio.h>

#include "compare.h"
#include "differential.h"

static void tell_how_again(const struct run *r, uint64_t index)
{
	printf("again: --path %s --seed %" PRIu64 " --only %" PRIu64 "\n", r->path->name, r->seed, index);
}

void tell_missing(struct run *r, const struct sent *s)
{
	r->differences++;
	printf("\nframe %" PRIu64 ": %s\n", s->index, s->out_len ? "not seen" : "no ICMP error came back");
	compare_dump(stdout, "sent", s->frame, s->len, NULL, 0);
	if (s->out_len)
		compare_dump(stdout, "expected", s->out, s->out_len, s->frame, s->len);
	printf("at %s; the model: %s\n", r->world.ports[s->out_len ? s->out_port : s->port].name,
	       s->result.why);
	tell_how_again(r, s->index);
}

static const struct sent *find_in(const struct batch *b, const uint8_t *frame)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct sent *s = &b->items[i];

		/* Untagged, as the model has left it. */
		if (is_ipv4(s->out, s->len) && get16(s->out + ETH + 4) == get16(frame + ETH + 4) &&
		    s->out[ETH + 9] == frame[ETH + 9])
			return s;
	}
	return NULL;
}

const struct sent *find_origin(const struct run *r, const uint8_t *frame, size_t len)
{
	const struct sent *s = is_ipv4(frame, len) ? find_in(r->now, frame) : NULL;

	return s || !is_ipv4(frame, len) ? s : find_in(r->before, frame);
}

void tell_unexpected(struct run *r, unsigned port, const uint8_t *frame, size_t len)
{
	const struct sent *s = find_origin(r, frame, len);

	r->differences++;
	printf("\nunexpected at %s\n", r->world.ports[port].name);
	compare_dump(stdout, "seen", frame, len, s ? s->out : NULL, s ? s->out_len : 0);
	if (!s)
		return;
	compare_dump(stdout, "sent", s->frame, s->len, NULL, 0);
	printf("frame %" PRIu64 "; the model: %s\n", s->index, s->result.why);
	tell_how_again(r, s->index);
}
