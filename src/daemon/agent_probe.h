/* The agent's answer to a question about a made-up packet.
 * Between the channel and the kernel: what the packet belongs to comes from the agent's own snapshot and
 * plan. */
#pragma once
#include "daemon/agent.h"

/* Fills the answer, whatever the question says: it comes from a process that talks to strangers. */
void agent_probe(const struct agent *a, const struct probe_question *q, struct probe_answer *ret);
