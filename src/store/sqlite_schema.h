/* The SQL schema of the embedded store and its migrations. Used by sqlite.c. */
#pragma once
#include "base/err.h"

struct sqlite3;
/* Sets the connection up (WAL, synchronous=FULL) and brings the schema to STORE_SCHEMA_VERSION, in one
 * transaction a step. A newer schema is refused; with `read_only` an older one as well. */
int sqlite_schema_open(struct sqlite3 *db, bool read_only, struct err *err);
