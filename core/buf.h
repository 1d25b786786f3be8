/*
 * core/buf.h: a growing byte buffer. Every buffer has a ceiling, because every buffer may one
 * day hold foreign bytes. The bytes are always followed by a NUL that len does not count.
 */
#ifndef SITREP_CORE_BUF_H
#define SITREP_CORE_BUF_H

#include <stddef.h>

struct buf {
	char *data;   /* owned; NULL while empty and never grown */
	size_t len;
	size_t cap;
	size_t max;   /* ceiling in bytes; appends beyond it fail whole with -EMSGSIZE */
};

#define BUF_INIT(ceiling) {.max = (ceiling)}

void buf_release(struct buf *buf);             /* frees and empties; keeps the ceiling */
void buf_clear(struct buf *buf);               /* empties, keeps the memory */
void buf_shrink(struct buf *buf, size_t keep); /* gives memory above keep bytes back if unused */
int buf_append(struct buf *buf, const void *data, size_t len);
int buf_append_str(struct buf *buf, const char *text);
int buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_consume(struct buf *buf, size_t len); /* drop bytes from the front */
char *buf_detach(struct buf *buf);             /* caller frees; never NULL */

#endif
