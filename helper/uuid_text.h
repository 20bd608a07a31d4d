/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be the UUID of a provider.
 */
#ifndef PARSEC_UUID_TEXT_H
#define PARSEC_UUID_TEXT_H

/* Characters of one */
#define UUID_TEXT_LEN	36

/**
 * uuid_text_fault() - why a text cannot be the UUID of a provider
 *
 * It is written in lower case, as UUIDs are compared as texts, and is neither the nil
 * UUID nor core's.
 *
 * Return: NULL when it can be one, or what it is instead, to follow on "is".
 */
const char *uuid_text_fault(const char *uuid);

#endif /* PARSEC_UUID_TEXT_H */
