/* backends/ssh/errors.c: what OpenSSH's client says when it gets nowhere, told in a clause.
 * Source: the messages of OpenSSH 9.2 (sshconnect.c, sshconnect2.c, ssh.c). */
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

#include "backends/ssh/ssh.h"
#include "core/printable.h"

/* In the order in which they are looked for: the telling ones first. */
static const struct {
	const char *said;
	enum fresh_fault fault;
	const char *clause;        /* %s = the alias */
} rows[] = {
	{"REMOTE HOST IDENTIFICATION HAS CHANGED", FAULT_RIGHTS,
	 "its host key has CHANGED: another machine, or somebody between; nothing was sent"},
	{"host key is known for", FAULT_RIGHTS,
	 "its host key is not known here: t shows it in Machines, or run `ssh %s` once"},
	{"Host key verification failed", FAULT_RIGHTS, "its host key could not be verified"},
	{"Permission denied", FAULT_RIGHTS, "none of our keys opens it"},
	{"Too many authentication failures", FAULT_RIGHTS,
	 "too many keys were offered: name the right one in ssh's configuration"},
	{"Could not resolve hostname", FAULT_LINK, "name does not resolve"},
	{"Network is unreachable", FAULT_LINK, "network unreachable"},
	{"No route to host", FAULT_SERVER, "no route to it"},
	{"Connection refused", FAULT_SERVER, "connection refused"},
	{"Connection timed out", FAULT_SERVER, "no connection in time"},
	{"Operation timed out", FAULT_SERVER, "no connection in time"},
	{"timed out during banner exchange", FAULT_SERVER, "connected, but it says nothing"},
	{"Timeout, server", FAULT_SERVER, "it stopped answering"},
	{"no matching", FAULT_SERVER, "no cipher, key or MAC in common"},
	{"kex_exchange_identification", FAULT_SERVER, "it closed the connection before its greeting"},
	{"Bad configuration option", FAULT_NONE, "ssh's configuration has a mistake"},
	{"Can't open user config file", FAULT_NONE, "ssh's configuration can't be opened"},
};

bool ssh_error_key_unknown(const char *said)
{
	return strstr(said, "host key is known for") &&
	       !strstr(said, "REMOTE HOST IDENTIFICATION HAS CHANGED");
}

/* "Permission denied (password,keyboard-interactive)": what it would take, in the server's words. */
static bool takes_passwords_alone(const char *said)
{
	const char *list = strstr(said, "Permission denied (");
	char ways[120];

	if (!list)
		return false;
	list = strchr(list, '(') + 1;
	snprintf(ways, sizeof(ways), "%.*s", (int)strcspn(list, ")\n"), list);
	return !strstr(ways, "publickey") && !strstr(ways, "gssapi") && !strstr(ways, "hostbased") &&
	       (strstr(ways, "password") || strstr(ways, "keyboard-interactive"));
}

enum fresh_fault ssh_error_text(const char *said, const char *alias, char *buf, size_t size)
{
	char *safe;
	size_t len;

	if (takes_passwords_alone(said)) {
		snprintf(buf, size, "it takes passwords alone, and sitrep has none: let a key open it");
		return FAULT_RIGHTS;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *mark = strstr(rows[i].clause, "%s");

		if (!strstr(said, rows[i].said))
			continue;
		if (mark)
			snprintf(buf, size, "%.*s%s%s", (int)(mark - rows[i].clause),
				 rows[i].clause, alias, mark + 2);
		else
			snprintf(buf, size, "%s", rows[i].clause);
		return rows[i].fault ? rows[i].fault : FAULT_SERVER;
	}
	/* Its last line, whatever it is. */
	len = strlen(said);
	while (len && (said[len - 1] == '\n' || said[len - 1] == '\r'))
		len--;
	while (len && said[len - 1] != '\n')
		len--;
	safe = printable_dup(said + len);
	safe[strcspn(safe, "?\r\n")] = '\0';
	snprintf(buf, size, "%.120s", safe[0] ? safe : "ssh ended without a word");
	free(safe);
	return FAULT_SERVER;
}
