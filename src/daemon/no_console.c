/* Stands in for the packed web console in a buoyd that is built without it.
 * The API says under /console/ how to build it. */
#include "api/console.h"

const struct console console_files = {NULL, 0};
