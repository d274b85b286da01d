/* Port forwardings: which ports of a floating IP lead where.
 * One of the planner's units, beside the floating IP, which is another: adding one forwarding to thousands
 * plans that one. What they share (address, counters, limits) is the floating IP's. */
#include <netinet/in.h>
#include <string.h>

#include "model/port_range.h"
#include "plan/plan_int.h"

static uint8_t protocol_of(const char *name)
{
	if (strcmp(name, "udp") == 0)
		return IPPROTO_UDP;
	return strcmp(name, "sctp") == 0 ? IPPROTO_SCTP : IPPROTO_TCP;
}

/* Ports that keep their numbers, or all lead to one, are one fact; ports that are moved are one each, since
 * nftables can not add. */
void plan_forward(struct planner *p, const struct port_forwarding *pf)
{
	const struct floatingip *f = snap_get(p->s, KIND_FLOATINGIP, &pf->floatingip_id);
	struct fact fact = {.kind = FACT_FORWARD, .plen = protocol_of(pf->protocol)};
	struct port_range in, out;

	if (!f || port_range_parse(pf->internal_port_range, &in) < 0 ||
	    port_range_parse(pf->external_port_range, &out) < 0 || !fip_forwards(p, f, &fact.ns))
		return;
	fact.addr = f->floating_ip_address;
	fact.value.ip = pf->internal_ip_address;
	fact.which = out.first;
	fact.value.num = forward_num(out.last, in.first == in.last ? in.first : 0);
	if (in.first == out.first && in.last == out.last)
		fact.value.num = forward_num(out.last, 0);
	if (in.first == in.last || in.first == out.first) {
		plan_add(p, &fact, &f->row.id);
		return;
	}
	for (unsigned i = 0; i < port_range_count(&out); i++) {
		fact.which = (uint16_t)(out.first + i);
		fact.value.num = forward_num(fact.which, (uint16_t)(in.first + i));
		plan_add(p, &fact, &f->row.id);
	}
}
