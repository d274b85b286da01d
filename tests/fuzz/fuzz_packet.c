/* Fuzz target: what a client asks to have explained, up to the frame that is tried. What is accepted is a
 * packet whose frame says what was asked for. */
#include "api/explain.h"
#include "kernel/probe_frame.h"
#include "model/codec.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make(const struct probe_packet *p)
{
	struct probe_frame f = {.source = p->other,
				.target = ip_from_v4(0x0a0a0a03),
				.length = p->length,
				.source_port = p->source_port,
				.port = p->port,
				.protocol = p->protocol,
				.ttl = p->ttl,
				.do_not_fragment = p->do_not_fragment};
	uint8_t frame[PROBE_FRAME_MAX];
	struct probe_frame is;
	size_t n = probe_frame_make(&f, frame);

	assert(n == 14u + p->length && probe_frame_read(frame, n, &is));
	assert(ip_eq(&is.source, &f.source) && ip_eq(&is.target, &f.target) && is.length == f.length);
	assert(is.port == f.port && is.source_port == f.source_port && is.ttl == f.ttl);
	assert(is.protocol == f.protocol && is.do_not_fragment == f.do_not_fragment);
	probe_frame_hop(frame, n);
	assert(probe_frame_read(frame, n, &is) && is.ttl == f.ttl - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct probe_packet p;
	struct err err = {0};
	json_t *body;

	if (json_parse_object((const char *)data, size, &body, &err) < 0)
		return 0;
	if (explain_parse(body, &p, &err) == 0) {
		assert(probe_check(&p, NULL) == 0);
		make(&p);
	} else {
		assert(err.status == 400 && err.message[0]);
	}
	json_decref(body);
	return 0;
}
