/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of floods have for the tables of Documentation/floods.rst.
 */
#ifndef SELFTESTS_FLOODS_TABLE_H
#define SELFTESTS_FLOODS_TABLE_H

/** table_row() - a row for the table that has to be the same in every run: cells, by tabs */
void table_row(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* SELFTESTS_FLOODS_TABLE_H */
