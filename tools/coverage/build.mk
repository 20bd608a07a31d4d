# SPDX-License-Identifier: Apache-2.0
#
# make coverage: Documentation/coverage.rst from what the providers say about themselves.

COVERAGE := $(B)/tools/coverage/coverage
COVERAGE_PROVIDERS := $(sort $(filter $(B)/providers/%.so,$(PROGRAMS)))

$(COVERAGE): $(call objs,tools/coverage,coverage names) $(HOST_OBJS) $(B)/libcontract.a
$(COVERAGE): LDLIBS = $(HOST_LDLIBS)
$(COVERAGE):
	$(call say,LD)
	$(link)

# Written beside it first: a failure leaves the page as it was
coverage: $(COVERAGE) $(COVERAGE_PROVIDERS)
	$(Q)tools/coverage/page $(B) >$(B)/coverage.rst
	$(Q)cp $(B)/coverage.rst Documentation/coverage.rst

# The test of the page looks at what was built
$(UNIT)/coverage_test: | $(COVERAGE) $(COVERAGE_PROVIDERS)

.PHONY: coverage
