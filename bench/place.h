/* Where a thread of a measuring program is: its network namespace and its CPU. Used by traffic.c, cost.c and
 * pingpong.c; what fails ends the program. */
#pragma once

/* The CPU of what loads the data path, and the one of everything else. The same one where there is one. */
#define CPU_BUSY  1
#define CPU_OTHER 0

/* The calling thread is in this namespace of /run/netns from now on. */
void place_enter(const char *netns);
/* The calling thread runs on this CPU only. */
void place_pin(int cpu);
