#ifndef CSYSTEMD_SHIM_H
#define CSYSTEMD_SHIM_H

// The journal would otherwise record the line of the shim that called it.
#define SD_JOURNAL_SUPPRESS_LOCATION 1
#include <malloc.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <sys/prctl.h>

// prctl(2) is variadic, which Swift cannot call.
static inline int csystemd_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Swift's Glibc module leaves <malloc.h> out.
static inline int csystemd_map_buffers_from(int bytes, int arenas) {
    return mallopt(M_MMAP_THRESHOLD, bytes) && mallopt(M_ARENA_MAX, arenas);
}

#endif
