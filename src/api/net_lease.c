/* Leases: floating IPs that have an end, which the keeper brings about.
 * Asked by the floating IPs' hooks. */
#include "api/net.h"

#include <string.h>

int net_settle_lease(struct verb *v, struct floatingip *f, struct err *err)
{
	int64_t now = v->t->now_us / 1000000;
	bool until = verb_given(v, KIND_FLOATINGIP, "expires_at");
	bool lasts = verb_given(v, KIND_FLOATINGIP, "lease_seconds");

	if (until && lasts)
		return err_api(err, 400, "BadRequest",
			       "Bad floatingip request: expires_at and lease_seconds cannot both be given.");
	if (lasts)
		f->expires_at = now + f->lease_seconds;
	f->lease_seconds = 0;
	if ((until || lasts) && f->expires_at && f->expires_at <= now)
		return err_api(err, 400, "BadRequest",
			       "Bad floatingip request: expires_at has passed already.");
	return 0;
}
