# SPDX-License-Identifier: Apache-2.0
#
# The netlink family is described four times; a check holds the descriptions together.

CHECKS	+= selftests/netlink/spec.t
