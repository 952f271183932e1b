#ifndef CSYSTEMD_SHIM_H
#define CSYSTEMD_SHIM_H

// The journal would otherwise record the line of the shim that called it.
#define SD_JOURNAL_SUPPRESS_LOCATION 1
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#endif
