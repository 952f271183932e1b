#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <malloc.h>
#include <sqlite3.h>

/// Binds a text that SQLite copies: SQLITE_TRANSIENT is a cast, which Swift does not import.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int length) {
    return sqlite3_bind_text(statement, index, text, length, SQLITE_TRANSIENT);
}

/// Gives memory that SQLite has freed back to the system, which glibc keeps otherwise; Swift does not import malloc.h.
static inline void csqlite_trim_memory(void) {
    malloc_trim(0);
}

#endif
