/* world/machines/disk.c: df and du. Columns as GNU coreutils 9 prints them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world/machines/answer.h"

static const char *const df_valued[] = {"-x", "-t", NULL};
static const char *const du_valued[] = {"-d", NULL};

static void df_row(const struct answer *answer, const struct machine_disk *disk)
{
	char size[16], used[16], left[16];
	long long inodes = disk->inodes, taken = disk->inodes_used;

	if (answer_has_letter(answer, 'i'))
		buf_printf(answer->out, "%-14s %10lld %10lld %10lld %4s %s\n", disk->device, inodes,
			   taken, inodes - taken,
			   inodes ? (snprintf(size, sizeof(size), "%lld%%", (taken * 100 + inodes - 1) /
					      inodes), size) : "-", disk->mount);
	else if (answer_has_letter(answer, 'h'))
		buf_printf(answer->out, "%-14s %5s %5s %5s %3d%% %s\n", disk->device,
			   answer_size(disk->kib, size), answer_size(disk->used_kib, used),
			   answer_size(machine_disk_free(disk), left), machine_disk_percent(disk),
			   disk->mount);
	else
		buf_printf(answer->out, "%-14s %12lld %10lld %10lld %7d%% %s\n", disk->device,
			   (long long)disk->kib, (long long)disk->used_kib,
			   (long long)machine_disk_free(disk), machine_disk_percent(disk), disk->mount);
}

int answer_df(struct answer *answer)
{
	const struct machine *machine = answer->machine;
	const char *path = answer_operand(answer, 0, df_valued);

	if (answer_has_letter(answer, 'i'))
		buf_append_str(answer->out,
			       "Filesystem         Inodes      IUsed      IFree IUse% Mounted on\n");
	else if (answer_has_letter(answer, 'h'))
		buf_append_str(answer->out, "Filesystem      Size  Used Avail Use% Mounted on\n");
	else
		buf_append_str(answer->out, "Filesystem     1024-blocks       Used  Available "
			       "Capacity Mounted on\n");
	for (size_t i = 0; i < machine->ndisks; i++)
		if (!path || machine_disk_of(machine, path) == &machine->disks[i])
			df_row(answer, &machine->disks[i]);
	return 0;
}

static int depth_below(const char *path, const char *root)
{
	size_t len = strlen(root);
	int depth = 0;

	while (len && root[len - 1] == '/')
		len--;
	if (strncmp(path, root, len) != 0 || path[len] != '/')
		return -1;
	for (path += len; *path; path++)
		depth += *path == '/';
	return depth;
}

static void du_row(const struct answer *answer, int64_t kib, const char *path)
{
	char size[16];

	if (answer_has_letter(answer, 'h'))
		buf_printf(answer->out, "%s\t%s\n", answer_size(kib, size), path);
	else
		buf_printf(answer->out, "%lld\t%s\n", (long long)kib, path);
}

static int wanted_depth(const struct answer *answer)
{
	if (answer_has_letter(answer, 's'))
		return 0;
	for (int i = 1; i < answer->argc; i++) {
		if (!strcmp(answer->argv[i], "-d") && answer->argv[i + 1])
			return (int)strtol(answer->argv[i + 1], NULL, 10);
		if (!strncmp(answer->argv[i], "--max-depth=", 12))
			return (int)strtol(answer->argv[i] + 12, NULL, 10);
	}
	return 8;
}

int answer_du(struct answer *answer)
{
	const struct machine *machine = answer->machine;
	const char *root = answer_operand(answer, 0, du_valued);
	int wanted = wanted_depth(answer);
	int64_t all;

	root = root ? root : "/";
	all = machine_directory_kib(machine, root);
	if (all < 0) {
		buf_printf(answer->err, "du: cannot access '%.200s': No such file or directory\n", root);
		return 1;
	}
	for (size_t i = 0; i < machine->ndirectories; i++) {
		const struct machine_directory *place = &machine->directories[i];
		int depth = depth_below(place->path, root);

		if (depth > 0 && depth <= wanted)
			du_row(answer, place->kib, place->path);
	}
	du_row(answer, all, root);
	return 0;
}
