# SPDX-License-Identifier: Apache-2.0
#
# From the lines of selftests/bench/bench to tables in reStructuredText. The first file is
# the baseline: names and instructions with a tab between them.

BEGIN {
	FS = "\t"
	TOLERATED = 3	# per cent
}

FILENAME == ARGV[1] { recorded[$1] = $2; next }
$1 == "machine" {
	machine[++machines] = $2 "; " $3 ($3 == 1 ? " processor" : " processors") \
		"; Linux " $4
	processes = resident = own = 0
	next
}
$1 == "time" {
	timed[machines, ++times[machines]] = $0
	share[machines, $2, $3] = $7
	next
}
$1 == "instructions" { counted[++counts] = $2; cost[$2] = $3; next }
$1 == "memory" { used[++processes] = $0; resident += $3; own += $4; next }
$1 == "failed" { broken[++failures] = $2 ": " $3; next }
{ broken[++failures] = "not understood: " $0 }

# A cell, in the column that is next; row_end() prints the row
function cell(text) {
	columns++
	cells[columns] = text
}

function row_end(    i, line) {
	rows++
	for (i = 1; i <= columns; i++) {
		grid[rows, i] = cells[i]
		if (length(cells[i]) > width[i])
			width[i] = length(cells[i])
	}
	wide = columns
	columns = 0
}

function rule(    i, j, line) {
	line = ""
	for (i = 1; i <= wide; i++) {
		for (j = 0; j < width[i]; j++)
			line = line "="
		line = line (i < wide ? "  " : "")
	}
	print line
}

# First column to the left, numbers to the right; the first row is the head
function table_end(    i, j, line) {
	rule()
	for (j = 1; j <= rows; j++) {
		line = sprintf("%-" width[1] "s", grid[j, 1])
		for (i = 2; i <= wide; i++)
			line = line sprintf("  %" width[i] "s", grid[j, i])
		sub(/ +$/, "", line)
		print line
		if (j == 1)
			rule()
	}
	rule()
	print ""
	rows = 0
	for (i in width)
		delete width[i]
}

function time_table(m,    i, f) {
	print "Times, medians of eleven rounds in which everything had its turn"
	print "(" machine[m] "):\n"
	cell("request"); cell("clients"); cell("p50 us"); cell("p99 us")
	cell("per second"); cell("of the echo's")
	row_end()
	for (i = 1; i <= times[m]; i++) {
		split(timed[m, i], f, "\t")
		cell(f[2]); cell(f[3]); cell(f[4]); cell(f[5]); cell(f[6])
		cell(f[7])
		row_end()
	}
	table_end()
}

function change(name,    percent) {
	if (!(name in recorded) || !recorded[name])
		return "new"
	percent = (cost[name] / recorded[name] - 1) * 100
	if (percent > TOLERATED)
		worse[++regressions] = sprintf("%s: %d instructions instead of %d", name,
			cost[name], recorded[name])
	return sprintf("%+.1f %%", percent)
}

function instruction_table(    i, name) {
	print "Instructions per request, kernel and all processes together:\n"
	cell("request"); cell("instructions"); cell("echoes"); cell("since recorded")
	row_end()
	for (i = 1; i <= counts; i++) {
		name = counted[i]
		cell(name); cell(cost[name]); cell(sprintf("%.2f", cost[name] / echo))
		cell(change(name))
		row_end()
	}
	table_end()
}

function memory_table(    i, f) {
	print "Memory of the helper after all of that:\n"
	cell("process"); cell("resident KiB"); cell("not shared KiB")
	row_end()
	for (i = 1; i <= processes; i++) {
		split(used[i], f, "\t")
		cell(f[2]); cell(f[3]); cell(f[4])
		row_end()
	}
	cell("together"); cell(resident); cell(own)
	row_end()
	table_end()
}

function target(text, value, limit, unit, at_least,    met) {
	met = value == "" ? "not measured" : \
		(at_least ? value >= limit : value <= limit) ? "met" : "MISSED"
	cell(text)
	cell(value == "" ? "" : sprintf("%.2f", value))
	cell((at_least ? "at least " : "at most ") limit unit)
	cell(met)
	row_end()
}

function ratio(a, b) {
	return a != "" && b > 0 ? a / b : ""
}

function target_table(    m, sign, call) {
	sign = cost["SignHash, ECDSA P-256"]
	call = cost["OpenSSL in process, ECDSA P-256"]
	print "Against the targets:\n"
	cell("what"); cell("figure"); cell("target"); cell("")
	row_end()
	target("Ping, instructions in echoes", ratio(cost["Ping"], echo), 1.4, "")
	target("a sign beyond the OpenSSL call, in echoes",
		sign != "" && call != "" ? ratio(sign - call, echo) : "", 1.8, "")
	for (m = 1; m <= machines; m++)
		target("Pings of 4 clients per second, of the echo's, on " m \
			(m == 1 ? " processor" : " processors"),
			share[m, "Ping", 4], 0.8, "", 1)
	target("resident memory", resident ? resident / 1024 : "", 20, " MiB")
	table_end()
}

END {
	echo = cost["AF_UNIX echo, 64 B"]
	for (m = 1; m <= machines; m++)
		time_table(m)
	if (counts && echo)
		instruction_table()
	if (processes)
		memory_table()
	target_table()
	for (i = 1; i <= regressions; i++)
		print "Costs more than recorded: " worse[i]
	for (i = 1; i <= failures; i++)
		print "Could not be measured: " broken[i]
	if (machines != 2 || !times[1] || !times[2] || !counts || !processes) {
		print "Could not be measured: not all boots went well"
		failures++
	}
	exit regressions || failures ? 1 : 0
}
