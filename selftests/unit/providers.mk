# SPDX-License-Identifier: Apache-2.0
# What the providers have in common.

PROVIDER_LIB_TESTS := $(addprefix $(UNIT)/,provider_der_test provider_option_test)

UNIT_TESTS += $(PROVIDER_LIB_TESTS)

$(PROVIDER_LIB_TESTS): LDLIBS := -lcrypto
$(PROVIDER_LIB_TESTS): $(PROVIDER_LIB_OBJS)
