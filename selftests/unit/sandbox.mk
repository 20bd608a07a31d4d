# SPDX-License-Identifier: Apache-2.0
# Breaking out of the sandbox, and what still works in it.

UNIT_TESTS += $(UNIT)/sandbox_test

$(UNIT)/sandbox_test: $(call objs,helper,log privileges sandbox_calls sandbox_files) \
	$(call objs,selftests/sandbox,attempts)
$(UNIT)/sandbox_test: LDLIBS := -lseccomp -ldl
# The same attempts in a real host, selftests/sandbox.t
$(UNIT)/sandbox_test: | $(B)/selftests/sandbox/evil.so
