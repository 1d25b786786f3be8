/* backends/kube/base64.c: see base64.h */
#include "backends/kube/base64.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/alloc.h"

char *base64_decode(const char *text, size_t *ret_len)
{
	size_t len = strlen(text);
	EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
	unsigned char *out = xmalloc(len / 4 * 3 + 4);
	int used = 0, rest = 0, rc;

	EVP_DecodeInit(ctx);
	rc = EVP_DecodeUpdate(ctx, out, &used, (const unsigned char *)text, (int)len);
	if (rc >= 0)
		rc = EVP_DecodeFinal(ctx, out + used, &rest);
	EVP_ENCODE_CTX_free(ctx);
	if (rc < 0) {
		free(out);
		return NULL;
	}
	*ret_len = (size_t)(used + rest);
	out[*ret_len] = '\0';
	return (char *)out;
}
