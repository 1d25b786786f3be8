/* backends/postgres/bytes.h: what a connection has carried, as the kernel counts it. */
#ifndef SITREP_BACKENDS_POSTGRES_BYTES_H
#define SITREP_BACKENDS_POSTGRES_BYTES_H

#include <stdint.h>

/* 0 and 0 where it isn't known. */
void socket_bytes(int fd, uint64_t *ret_in, uint64_t *ret_out);

#endif
