/* The frame of the compute API: version documents, microversions, paths of old, and the table of its routes.
 * Asked by api.c for each request of the family before the route's function runs. */
#include "api/compute.h"

const struct route compute_routes[] = {
	{0},
};
