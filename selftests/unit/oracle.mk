# SPDX-License-Identifier: Apache-2.0
# The software provider against libgcrypt.

ORACLE_TESTS := $(addprefix $(UNIT)/,oracle_curve_test oracle_rsa_test oracle_symmetric_test)

UNIT_TESTS += $(ORACLE_TESTS)

$(ORACLE_TESTS): LDLIBS := -lcrypto -lgcrypt
$(ORACLE_TESTS): $(OPENSSL_PROVIDER_OBJS)
$(UNIT)/oracle_symmetric_test: $(B)/helper/hash.o
