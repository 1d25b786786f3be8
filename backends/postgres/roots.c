/* backends/postgres/roots.c: see roots.h */
#include "backends/postgres/roots.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>

static int write_all(int fd, const char *bytes, long len)
{
	ssize_t done;

	for (; len > 0; bytes += done, len -= done) {
		done = write(fd, bytes, (size_t)len);
		if (done <= 0)
			return -1;
	}
	return 0;
}

static X509 *authority_of(PGconn *conn)
{
	SSL *ssl = PQsslStruct(conn, "OpenSSL");
	STACK_OF(X509) *chain = ssl ? SSL_get0_verified_chain(ssl) : NULL;

	if (!chain || SSL_get_verify_result(ssl) != X509_V_OK || sk_X509_num(chain) < 2)
		return NULL;
	return sk_X509_value(chain, sk_X509_num(chain) - 1);
}

void postgres_roots_learn(struct postgres_roots *roots, PGconn *conn)
{
	X509 *authority = roots->fd < 0 ? authority_of(conn) : NULL;
	BIO *memory = authority ? BIO_new(BIO_s_mem()) : NULL;
	char *bytes;
	long len;

	if (!memory)
		return;
	if (PEM_write_bio_X509(memory, authority)) {
		len = BIO_get_mem_data(memory, &bytes);
		roots->fd = memfd_create("sitrep-authority", MFD_CLOEXEC);
		snprintf(roots->path, sizeof(roots->path), "/proc/self/fd/%d", roots->fd);
		if (roots->fd >= 0 && write_all(roots->fd, bytes, len))
			postgres_roots_forget(roots);
	}
	BIO_free(memory);
}

void postgres_roots_forget(struct postgres_roots *roots)
{
	if (roots->fd >= 0)
		close(roots->fd);
	roots->fd = -1;
}
