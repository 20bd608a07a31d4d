#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who floods the provider does not starve others, and the page about it says so.
#
#   fair.t [FILE]	the table goes to FILE, too

. selftests/floods/lib.sh

run fair_test
rows_are fairness "${1:-$scratch/fairness}" 'who floods, and with what' 'looked at' bound result
done_testing
