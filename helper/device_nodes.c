// SPDX-License-Identifier: Apache-2.0
#include "helper/device_nodes.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "helper/log.h"

/* One that is not there has no inode, which no file has either */
struct node {
	dev_t file_system;
	ino_t inode;
};

struct device_nodes {
	const struct config_list *paths;
	struct node node[];
};

static struct node look(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return (struct node){ 0 };
	return (struct node){ st.st_dev, st.st_ino };
}

struct device_nodes *device_nodes_new(const struct config_list *paths)
{
	struct device_nodes *nodes;

	nodes = calloc(1, sizeof(*nodes) + paths->count * sizeof(nodes->node[0]));
	if (!nodes)
		return NULL;
	nodes->paths = paths;
	for (size_t i = 0; i < paths->count; i++)
		nodes->node[i] = look(paths->items[i]);
	return nodes;
}

void device_nodes_free(struct device_nodes *nodes)
{
	free(nodes);
}

const char *device_nodes_missing(const struct device_nodes *nodes)
{
	for (size_t i = 0; i < nodes->paths->count; i++)
		if (!nodes->node[i].inode)
			return nodes->paths->items[i];
	return NULL;
}

bool device_nodes_changed(const struct device_nodes *nodes)
{
	for (size_t i = 0; nodes && i < nodes->paths->count; i++) {
		const struct node now = look(nodes->paths->items[i]);

		if (now.file_system == nodes->node[i].file_system &&
		    now.inode == nodes->node[i].inode)
			continue;
		log_warning("%s is %s: starting anew", nodes->paths->items[i],
			    now.inode ? "another device than before" : "gone");
		return true;
	}
	return false;
}
