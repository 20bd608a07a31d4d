#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl before the module is loaded, and then before the service runs.

. selftests/cli/lib.sh

no_module()
{
	expect 3 parsecctl && says 'module      not loaded' &&
		says 'device      /dev/parsec, cannot be opened' &&
		says 'load the module: "sudo modprobe parsec"' "$err" &&
		lines 1 "$err"
}

no_module_doctor()
{
	expect 1 parsecctl doctor && says 'PROBLEM  module         not loaded; load it' &&
		says 'PROBLEM  device' && says 'PROBLEM  interface'
}

no_service_doctor()
{
	expect 1 parsecctl doctor && says 'ok       module         loaded' &&
		says 'ok       device         /dev/parsec' && says 'PROBLEM  service' &&
		says 'start the service'
}

no_module_json()
{
	expect 3 parsecctl --json && json 'd["module"] is False and d["works"] is False'
}

no_service()
{
	expect 3 parsecctl && says 'module      loaded' && says 'service     not connected' &&
		says 'ENOTCONN (107)' "$err" && says 'start the service' "$err" &&
		lines 1 "$err"
}

no_service_json()
{
	expect 3 parsecctl --json && json 'd["module"] and not d["service"] and not d["works"]' &&
		json 'd["max_request"] == 1048576'
}

check 'the status page without the module' no_module
check 'the same as JSON' no_module_json
check 'the doctor without the module' no_module_doctor
check 'a command without the module' refuses 3 'ENOENT (2)' parsecctl list-keys
check 'the module loads' insmod "$PARSEC_BUILD/module-$(uname -r)/parsec.ko"
check 'the status page without the service' no_service
check 'the same as JSON' no_service_json
check 'the doctor without the service' no_service_doctor
check 'a command without the service' refuses 3 'systemctl start parsecd' parsecctl ping
check 'the help needs nothing' expect 0 parsecctl sign --help
rmmod parsec
done_testing
