# SPDX-License-Identifier: Apache-2.0
#
# A provider that tries to get out of its host; the tests of the sandbox use it.

EVIL_PROVIDER := $(B)/selftests/sandbox/evil.so

$(EVIL_PROVIDER): override LDFLAGS += -shared
$(EVIL_PROVIDER): $(call objs,selftests/sandbox,attempts evil_provider)
	$(call say,LINK)
	$(link)
