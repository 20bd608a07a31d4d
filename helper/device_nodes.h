/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device nodes that a provider may open. A driver that goes takes its node along, and the
 * one that appears when it comes back is another, which the sandbox of a running host does
 * not let in: only a new host gets at it.
 */
#ifndef PARSEC_DEVICE_NODES_H
#define PARSEC_DEVICE_NODES_H

#include "helper/config.h"

struct device_nodes;

/**
 * device_nodes_new() - remember which nodes the sandbox was made with
 * @paths:	of them, kept by the caller
 *
 * Return: to be freed with device_nodes_free(); NULL without memory.
 */
struct device_nodes *device_nodes_new(const struct config_list *paths);
void device_nodes_free(struct device_nodes *nodes);

/**
 * device_nodes_missing() - which of them was not there from the start?
 *
 * Return: its path, NULL when all were there.
 */
const char *device_nodes_missing(const struct device_nodes *nodes);

/**
 * device_nodes_changed() - is one of them gone, or is it another?
 * @nodes:	NULL for none
 *
 * Safe to call from any number of threads. Return: true after a log line.
 */
bool device_nodes_changed(const struct device_nodes *nodes);

#endif /* PARSEC_DEVICE_NODES_H */
