# SPDX-License-Identifier: Apache-2.0
#
# What a provider host needs for plugins and keys: see helper/build.mk.

KEYS_OBJS := $(call objs,helper,key_cache keystore keystore_compare keystore_finish kim_schema kim_sqlite \
	kim_steps plugin row_seal uuid_text)
KEYS_LDLIBS := -lcrypto -lsqlite3 -luuid -ldl
