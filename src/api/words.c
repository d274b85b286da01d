/* The tables of words.h.
 * Read by /stats, /metrics and the explanations of single packets. */
#include "api/words.h"

#include <stddef.h>

const struct words drop_words[DROP_REASONS] = {
	[DROP_RATE_IN] = {"rate_in", "More arrives than the QoS policy lets through to the instance",
			  "Raise the policy's ingress limit, or send less"},
	[DROP_RATE_OUT] = {"rate_out", "The instance sends more than the QoS policy lets through",
			   "Raise the policy's egress limit, or send less"},
	[DROP_TTL] = {"ttl", "Its time to live ends here; the router answers 'time exceeded'",
		      "Send it with a higher TTL; traceroute does this on purpose"},
	[DROP_TOO_BIG] = {"too_big",
			  "It is bigger than the next network's MTU and must not be fragmented; the router "
			  "answers 'fragmentation needed'",
			  "Let ICMP through to the sender, or set the networks' MTU alike"},
	[DROP_MALFORMED] = {"malformed", "Its IP header is wrong", "Look at who makes it"},
};
