# SPDX-License-Identifier: Apache-2.0
#
# What providers have in common. Each takes the objects that it needs.

PROVIDER_LIB_OBJS := $(call objs,providers/lib,capability der ec ecdsa option padding rsa)
