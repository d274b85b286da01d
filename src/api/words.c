/* The tables of words.h.
 * Read by /stats, /metrics and the explanations of single packets. */
#include "api/words.h"

#include <stddef.h>

const struct words verdict_words[VERDICTS] = {
	[VERDICT_FORWARD] = {"forward", "Rewritten and sent straight on, past the router", NULL, NULL},
	[VERDICT_DROP] = {"drop", "Dropped", NULL, NULL},
	[VERDICT_ROUTER] = {"router", "To the router's namespace", NULL, NULL},
	[VERDICT_TRANSLATE] = {"translate", "Translated at the router's leg; its kernel sends it on", NULL,
			       NULL},
};

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

/* Nothing of this is a mistake: the router's namespace is the other half of the data path. */
const struct words slow_words[SLOW_REASONS] = {
	[SLOW_NONE] = {"none", "It needs nothing but a rewrite", NULL, "It is routed"},
	[SLOW_OPTIONS] = {"options", "Its IP header has options", NULL,
			  "The kernel reads the options, and routes it"},
	[SLOW_TTL] = {"ttl", "Its time to live ends at the router",
		      "Send it with a higher TTL; traceroute does this on purpose",
		      "The kernel drops it and answers 'time exceeded' from the router's address"},
	[SLOW_MTU] = {"mtu", "It is bigger than the next network's MTU", NULL,
		      "The kernel cuts it into fragments"},
	[SLOW_SOURCE] = {"source", "Its source address is one that nobody outside should have",
			 "Look at who sends it: loopback, multicast, or the router's own address",
			 "The kernel judges the source, and drops most of these"},
	[SLOW_MALFORMED] = {"malformed", "A header of it is wrong", "Look at who makes it",
			    "The kernel drops it"},
	[SLOW_PORT] = {"port", "The instance has no interface on this node",
		       "Plug it: 'buoy port plug', or start the instance",
		       "The kernel sends it to the instance's network, where somebody may have the address"},
	[SLOW_XDP] = {"xdp", "Its port takes no frames from XDP", NULL,
		      "Not there: the same program takes it a moment later, at tc"},
	[SLOW_STATION] = {"station",
			  "The instance's MAC address is not known, or has not been heard of lately", NULL,
			  "The kernel asks for it by ARP, and sends the packet; the next ones go straight"},
	[SLOW_NEIGHBOUR] = {"neighbour",
			    "The next hop's MAC address is not known, or has not been heard of lately", NULL,
			    "The kernel asks for it by ARP, and sends the packet; the next ones go straight"},
	[SLOW_INSIDE] = {"inside", "Its way is not by the external leg", NULL,
			 "The kernel routes it between the router's own networks, untranslated"},
	[SLOW_HAIRPIN] = {"hairpin", "It is for a floating IP of the same router", NULL,
			  "nftables translates both ends, so that the answer comes back the same way"},
	[SLOW_DESTINATION] = {"destination", "It is for a broadcast, multicast or loopback address",
			      "No router passes these on", "The kernel drops it, or takes it for itself"},
	[SLOW_ERROR] = {"error", "It is an ICMP error about another instance's packets", NULL,
			"It leaves with that instance's floating IP"},
};
