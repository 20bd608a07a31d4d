# SPDX-License-Identifier: Apache-2.0
#
# What parsecd and the hosts share: log, configuration, privileges.

SUPERVISOR_OBJS := $(call objs,helper,log)
