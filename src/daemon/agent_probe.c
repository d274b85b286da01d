/* Question -> facts of that floating IP -> a trial in the kernel -> answer. See agent_probe.h. */
#include "daemon/agent_probe.h"

#include <errno.h>
#include <stdio.h>

static const struct fact *find_kind(const struct facts *f, enum fact_kind kind)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->items[i].kind == kind)
			return &f->items[i];
	return NULL;
}

static int try(const struct agent *a, const struct fact *express, const struct probe_packet *p,
	       struct probe_answer *ret, struct err *err)
{
	int r = probe_check(p, err);

	return r < 0 ? r : a->kernel->ops->probe(a->kernel, express, p, ret, err);
}

void agent_probe(const struct agent *a, const struct probe_question *q, struct probe_answer *ret)
{
	const struct plan_touch touch = {KIND_FLOATINGIP, q->floatingip};
	struct plan_input in = agent_input(a);
	AUTO_FACTS struct facts was, is;
	const struct fact *express;
	struct err err = {0};

	*ret = (struct probe_answer){.id = q->id, .state = PROBE_UNPLANNED};
	facts_init(&was, a->syms);
	facts_init(&is, a->syms);
	plan_delta(&in, &in, &touch, 1, &was, &is);
	express = find_kind(&is, FACT_EXPRESS);
	if (!express) {
		if (find_kind(&is, FACT_NAT))
			ret->state = PROBE_NFT;
		return;
	}
	ret->state = PROBE_DONE;
	if (try(a, express, &q->packet, ret, &err) < 0) {
		ret->state = PROBE_FAILED;
		snprintf(ret->why, sizeof(ret->why), "%.*s", (int)sizeof(ret->why) - 1, err.message);
	}
}
