/*
 * tests/bench/cordon.c: another person at work. For each line "on" or "off" on stdin a node is
 * cordoned or uncordoned over one kept connection; the answer's CLOCK_MONOTONIC time in ns is printed.
 *
 *   cordon SERVER NODE CERTIFICATE KEY AUTHORITY
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

static size_t drop(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return size * n;
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static CURL *prepare(char *argv[], struct curl_slist *headers)
{
	CURL *curl = curl_easy_init();
	char url[512];

	if (!curl)
		return NULL;
	snprintf(url, sizeof(url), "%s/api/v1/nodes/%s", argv[1], argv[2]);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_SSLCERT, argv[3]);
	curl_easy_setopt(curl, CURLOPT_SSLKEY, argv[4]);
	curl_easy_setopt(curl, CURLOPT_CAINFO, argv[5]);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "PATCH");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	return curl;
}

int main(int argc, char *argv[])
{
	struct curl_slist *headers;
	char line[16];
	CURL *curl;

	if (argc != 6) {
		fputs("usage: cordon SERVER NODE CERTIFICATE KEY AUTHORITY\n", stderr);
		return 2;
	}
	headers = curl_slist_append(NULL, "Content-Type: application/merge-patch+json");
	curl = prepare(argv, headers);
	while (curl && fgets(line, sizeof(line), stdin)) {
		CURLcode rc;

		curl_easy_setopt(curl, CURLOPT_COPYPOSTFIELDS, strcmp(line, "on\n") == 0
				 ? "{\"spec\":{\"unschedulable\":true}}"
				 : "{\"spec\":{\"unschedulable\":null}}");
		rc = curl_easy_perform(curl);
		if (rc) {
			fprintf(stderr, "cordon: %s\n", curl_easy_strerror(rc));
			return 1;
		}
		printf("%" PRId64 "\n", now());
		fflush(stdout);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return 0;
}
