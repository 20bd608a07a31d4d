# SPDX-License-Identifier: Apache-2.0
# Documentation/coverage.rst against the providers that were built: tools/coverage/build.mk
# says what that needs.

UNIT_TESTS += $(UNIT)/coverage_test

$(UNIT)/coverage_test: selftests/unit/coverage_test.sh
	$(Q)mkdir -p $(@D)
	$(Q)install -m 755 $< $@
