# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the tests that run in the test machine with systemd: the installed service.

. selftests/cli/lib.sh

conf=/etc/parsec/parsecd.conf

# What "make install" has put below a folder of its own, onto this machine, which has its module
install_service()
{
	systemctl is-active --quiet parsecd && return
	cp -a --no-preserve=ownership "$PARSEC_BUILD/containers/root/usr" / &&
		rm -f "$conf" && cp selftests/containers/parsecd.conf "$conf" &&
		chown root: "$conf" && chmod 600 "$conf" && systemctl daemon-reload &&
		systemctl start parsecd
}
