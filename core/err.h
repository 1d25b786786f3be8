/*
 * core/err.h: an error is a negative errno for the program and a sentence for the person.
 *
 * Functions return 0 or -errno; those that can explain themselves also take a `struct err *`,
 * which may be NULL. On success the struct is left untouched.
 */
#ifndef SITREP_CORE_ERR_H
#define SITREP_CORE_ERR_H

struct err {
	int code;        /* negative errno; 0 while nothing has failed */
	char text[512];  /* one sentence, no newline, safe to show (never holds a secret) */
};

#define ERR_INIT {0}

/* Record a failure. Returns code, so that `return err_set(err, -EINVAL, ...)` reads well. */
int err_set(struct err *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Put "what: " before the text, as the error travels up. Returns err's code. */
int err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
