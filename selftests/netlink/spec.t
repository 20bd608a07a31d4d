#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One netlink family, told four times: the YAML spec, the uapi header, the kernel's
tables and messages, the helper's messages. They must tell the same."""

import os
import re
import sys

try:
    import yaml
except ImportError:
    print("1..0 # SKIP no python3-yaml")
    sys.exit(0)

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))

SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}
count = 0


def check(name, wrong):
    """One TAP line; WRONG lists what is wrong."""
    global count
    count += 1
    print(f"{'not ' if wrong else ''}ok {count} - {name}")
    for line in wrong:
        print(f"# {line}", file=sys.stderr)


def same(name, left, right):
    """The same keys with the same values, and some of them."""
    wrong = [f"{key}: {left.get(key)} here, {right.get(key)} there"
             for key in sorted(left.keys() | right.keys(), key=str)
             if left.get(key) != right.get(key)]
    check(name, wrong or ([] if left else ["nothing was found to compare"]))


def code(path):
    """A source without its comments."""
    with open(path, encoding="utf-8") as source:
        text = source.read()
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def functions(text):
    """Name and body of each function of a C file in kernel style."""
    return {name: body for name, body in re.findall(
        r"^[a-z][^;={}#()]*?(\w+)\([^;{}]*?\)\n\{(.*?)^\}", text, flags=re.S | re.M)}


def c_name(text):
    return text.upper().replace("-", "_")


# The spec

with open("Documentation/netlink/specs/parsec.yaml", encoding="utf-8") as file:
    spec = yaml.safe_load(file)

consts = {c_name("parsec-" + item["name"]): item["value"]
          for item in spec["definitions"] if item["type"] == "const"}
attrs, attr_sets = {}, {}
for attr_set in spec["attribute-sets"]:
    values = {c_name(attr_set["name-prefix"] + "unspec"): 0}
    for value, attr in enumerate(attr_set["attributes"], 1):
        key = c_name(attr_set["name-prefix"] + attr["name"])
        values[key] = value
        attrs[key] = attr
    attr_sets[c_name(attr_set["enum-name"]).lower()] = values
prefix = spec["operations"]["name-prefix"]
ops = {c_name(prefix + op["name"]): op for op in spec["operations"]["list"]}


def members(cmd, *way):
    """The attributes of one direction of a command."""
    node = ops[cmd]
    for step in way:
        node = node.get(step, {})
    return {c_name("parsec-a-" + name) for name in node.get("attributes", [])}


# The header

with open("include/uapi/linux/parsec_netlink.h", encoding="utf-8") as file:
    header_text = file.read()
header = code("include/uapi/linux/parsec_netlink.h")
defines = {}
for name, value in re.findall(r"^#define\s+(\w+)[ \t]+([^\n]+)", header, flags=re.M):
    value = value.strip()
    if value.startswith('"'):
        defines[name] = value.strip('"')
    elif re.fullmatch(r"[0-9a-fx ()*]+", value):
        defines[name] = eval(value)  # digits, parentheses and products only


def enum(name):
    body = re.search(rf"enum {name} \{{(.*?)\}}", header, flags=re.S).group(1)
    names = [item.strip() for item in body.split(",") if item.strip()]
    return {item: value for value, item in enumerate(names) if not item.startswith("__")}


same("the header's commands are the spec's", enum("parsec_cmd"),
     {c_name(prefix + "unspec"): 0, **{cmd: i for i, cmd in enumerate(ops, 1)}})
for set_name, values in attr_sets.items():
    same(f"the header's enum {set_name} is the spec's", enum(set_name), values)
same("the header's limits are the spec's",
     {key: value for key, value in defines.items() if key.startswith("PARSEC_NL_")}, consts)
flags = next(item for item in spec["definitions"] if item["type"] == "flags")
same("the header's flags are the spec's",
     {key: value for key, value in defines.items() if key.startswith("PARSEC_ID_")},
     {c_name(flags["name-prefix"] + item["name"]): 1 << bit
      for bit, item in enumerate(flags["entries"])})
same("name and version are the spec's",
     {"name": defines["PARSEC_GENL_NAME"], "version": defines["PARSEC_GENL_VERSION"]},
     {"name": spec["name"], "version": spec["version"]})
types = dict(re.findall(r"^\t(PARSEC_A_\w+),\s*/\* (\w+)", header_text, flags=re.M))
same("the types in the header's comments are the spec's", types,
     {key: attr["type"] for key, attr in attrs.items() if attr["type"] != "pad"})

# The explanation at the top: a command's line, then its attributes; "answer" turns round
told = {cmd: {"request": set(), "reply": set()} for cmd in ops}
cmd, way = None, None
for line in header_text.split("*/")[1].splitlines():
    words = re.match(r" \*\s+([A-Z_]+)\t", line)
    if re.match(r" \*   [A-Z_]+\s+(host|kernel) ->", line):
        cmd, way = c_name(prefix) + line.split()[1], "request"
    elif line.startswith(" *   answer"):
        way = "reply"
    elif words and cmd:
        told[cmd][way].add("PARSEC_A_" + words.group(1))
same("the header explains each command's attributes",
     {(cmd, way): found for cmd, ways in told.items() for way, found in ways.items()},
     {(cmd, way): members(cmd, "do", way) | members(cmd, "dump", way) |
      (members(cmd, "event") if way == "request" else set())
      for cmd in ops for way in ("request", "reply")})

# The kernel's tables

genl = code("kernel/genl.c")
policies = {}
for name, largest, body in re.findall(
        r"struct nla_policy (\w+)\[(\w+) \+ 1\] = \{(.*?)\n\};", genl, flags=re.S):
    policies[name] = (largest, dict(re.findall(r"\[(\w+)\] = (.*?),?\n", body + "\n")))
table = {}
for body in re.findall(r"\n\t\{\n(.*?)\n\t\}", genl, flags=re.S):
    fields = dict(re.findall(r"\.(\w+) = ([\w |]+)", body))
    table[fields["cmd"]] = fields


def rule(key):
    """How the kernel's policy for an attribute of the spec is written."""
    attr = attrs[key]
    limits = attr.get("checks", {})
    if "exact-len" in limits:
        return f"NLA_POLICY_EXACT_LEN({c_name('parsec-' + limits['exact-len'])})"
    limit = f", .len = {c_name('parsec-' + limits['max-len'])}" if "max-len" in limits else ""
    return f"{{ .type = NLA_{c_name(attr['type'])}{limit} }}"


taken = [cmd for cmd in ops if "do" in ops[cmd]]
same("the kernel has a handler for each command that hosts send",
     {cmd: fields.get("doit") for cmd, fields in table.items() if "doit" in fields},
     {cmd: f"parsec_nl_{cmd.replace(c_name(prefix), '').lower()}_doit" for cmd in taken})
dumped = [cmd for cmd in ops if "dump" in ops[cmd]]
same("the kernel has an answer to each command that asks for a dump",
     {cmd: fields.get("dumpit") for cmd, fields in table.items() if "dumpit" in fields},
     {cmd: f"parsec_nl_{cmd.replace(c_name(prefix), '').lower()}_dumpit" for cmd in dumped})
same("the kernel asks for CAP_NET_ADMIN where the spec does",
     {cmd: fields.get("flags") for cmd, fields in table.items()},
     {cmd: "GENL_ADMIN_PERM" if "admin-perm" in ops[cmd].get("flags", []) else None
      for cmd in taken + dumped})
for cmd in taken:
    largest, policy = policies.get(table.get(cmd, {}).get("policy"), (None, {}))
    wanted = {key: rule(key) for key in members(cmd, "do", "request")}
    if not wanted:
        check(f"{cmd} has no attributes", [] if not policy and largest is None and
              "maxattr" not in table.get(cmd, {}) else ["the kernel's table has"])
        continue
    same(f"the kernel's policy of {cmd} is the spec's", policy, wanted)
    last = max(wanted, key=lambda key: attr_sets["parsec_attr"][key])
    same(f"the table of {cmd} ends with its last attribute",
         {"size": largest, "maxattr": table.get(cmd, {}).get("maxattr")},
         {"size": last, "maxattr": last})

# The kernel's messages

kernel = "".join(code(f"kernel/{name}.c") for name in ("message", "netlink", "stats"))
in_kernel = functions(kernel)
head = re.search(r"struct request_head \{(.*?)\n\}", kernel, flags=re.S)[1]
in_head = {member: kind for kind, member in re.findall(r"\t(u8|u16|u32|u64) (\w+);", head)}


def puts(*names):
    """Attribute and type of each attribute that the functions put into a message."""
    text = " ".join(in_kernel.get(name, "") for name in names)
    found = dict((key, kind) for kind, key in re.findall(
        r"(?:nla_)?put_(u8|u16|u32|u64|string)(?:_64bit)?\(skb, (\w+)", text))
    found.update((key, in_head.get(member)) for key, member in re.findall(
        r"= ATTR\((\w+), (\w+)\)", text))
    found.update((key, "binary") for key in re.findall(r"nla_type = (PARSEC_A_\w+)", text))
    found.update((key, "nest") for key in re.findall(
        r"(?:nla_nest_start\(skb|entry_start\(&entry, dump), (\w+)", text))
    return found


def typed(keys):
    return {key: attrs[key]["type"] for key in keys}


same("the kernel's REQUEST is the spec's", puts("put_request", "chunk_fill"),
     typed(members("PARSEC_CMD_REQUEST", "event")))
same("the kernel's answer to REGISTER is the spec's", puts("register_answer"),
     typed(members("PARSEC_CMD_REGISTER", "do", "reply")))
same("the kernel's answer to GET_SESSION is the spec's", puts("session_answer", "put_set_limits"),
     typed(members("PARSEC_CMD_GET_SESSION", "do", "reply")))
# A module cannot have the mount namespace's inode from these kernels
same("the kernel's identity is the spec's", puts("put_identity", "put_namespace", "put_exe"),
     typed(attrs.keys() & attr_sets["parsec_id_attr"].keys() -
           {"PARSEC_A_ID_PAD", "PARSEC_A_ID_MNTNS"}))

same("the kernel's answer to GET_STATS is the spec's",
     puts("dump_module", "dump_providers", "dump_account"),
     typed(members("PARSEC_CMD_GET_STATS", "dump", "reply")))
counters = re.search(r"counter_attrs\[\w+\] = \{(.*?)\};", kernel, flags=re.S)[1]
for title, values, found in (
        ("module", "parsec_stat_attr",
         puts("put_module") | {key: "u64" for key in re.findall(r"=\s+(\w+)", counters)}),
        ("providers", "parsec_pstat_attr", puts("put_provider")),
        ("accounts", "parsec_astat_attr", puts("put_account", "put_limits"))):
    same(f"the kernel's statistics of {title} are the spec's", found,
         typed(key for key in attrs.keys() & attr_sets[values].keys()
               if not key.endswith("_PAD")))

# The helper's messages

helper = "".join(code(f"helper/{name}.c")
                 for name in ("netlink", "netlink_limits", "netlink_session"))
helper_stats = code("helper/netlink_stats.c")
in_helper = functions(helper)


def uses(name):
    return set(re.findall(r"\bPARSEC_A_\w+", in_helper.get(name, ""))) - {
        "PARSEC_A_MAX", "PARSEC_A_ID_MAX"}


def only(title, found, allowed, needed=frozenset()):
    """Nothing that is not ALLOWED, all that is NEEDED, and not nothing."""
    check(title, [f"{key} has no place here" for key in sorted(found - allowed)] +
          [f"{key} is missing" for key in sorted(needed - found)] +
          ([] if found else ["nothing was found to compare"]))


only("the helper reads from REQUEST what is in it", uses("parse_request"),
     members("PARSEC_CMD_REQUEST", "event"), {"PARSEC_A_ID", "PARSEC_A_BODY"})
only("the helper says in REGISTER what belongs there", uses("netlink_register"),
     members("PARSEC_CMD_REGISTER", "do", "request") |
     members("PARSEC_CMD_REGISTER", "do", "reply"), {"PARSEC_A_PROVIDER", "PARSEC_A_CREDITS"})
only("the helper says in REPLY what belongs there", uses("netlink_reply") | uses("send_reply"),
     members("PARSEC_CMD_REPLY", "do", "request"), {"PARSEC_A_ID", "PARSEC_A_STATUS"})
only("the helper asks GET_SESSION for what is in it", uses("netlink_session"),
     members("PARSEC_CMD_GET_SESSION", "do", "reply") | attr_sets["parsec_id_attr"].keys(),
     {"PARSEC_A_SESSION", "PARSEC_A_IDENTITY"})
only("the helper says in SET_LIMITS what belongs there", uses("netlink_set_limits"),
     members("PARSEC_CMD_SET_LIMITS", "do", "request"),
     members("PARSEC_CMD_SET_LIMITS", "do", "request"))
only("the helper reads from GET_STATS what is in it",
     set(re.findall(r"case (PARSEC_A_\w+)", helper_stats)),
     members("PARSEC_CMD_GET_STATS", "dump", "reply"),
     members("PARSEC_CMD_GET_STATS", "dump", "reply"))
# Each number goes into a member of its name and size
with open("include/parsec/stats.h", encoding="utf-8") as file:
    stats_header = file.read()
for struct, told, values in (("module", "device", "parsec_stat_attr"),
                             ("provider", "queue", "parsec_pstat_attr"),
                             ("account", "account", "parsec_astat_attr")):
    value_prefix = next(iter(attr_sets[values])).removesuffix("UNSPEC")
    body = re.search(rf"struct parsec_stats_{told} \{{(.*?)\}};", stats_header, flags=re.S)[1]
    places = re.findall(rf"\[{value_prefix}(\w+)\] = IN_{struct.upper()}\((\w+)\)", helper_stats)
    sizes = {value_prefix + name.upper(): f"u{bits}"
             for bits, name in re.findall(r"uint(\d+)_t (\w+);", body)}
    numbers = typed(key for key in attr_sets[values] if key in attrs and
                    attrs[key]["type"] in SIZES)
    same(f"the helper's statistics of the {struct} are the spec's", sizes, numbers)
    same(f"the helper puts the statistics of the {struct} where they belong",
         {value_prefix + key: value_prefix + member.upper() for key, member in places},
         {key: key for key in numbers})
same("the sizes that the helper expects are the spec's",
     {key: int(size) for key, size in re.findall(r"\[(PARSEC_A_\w+)\] = (\d+)", helper)},
     {key: SIZES[attrs[key]["type"]]
      for key in re.findall(r"\[(PARSEC_A_\w+)\] = \d+", helper) if key in attrs})
same("the types that the helper expects are the spec's",
     dict(re.findall(r"\[(PARSEC_A_\w+)\] = \{ \.type = NLA_(\w+)", helper)),
     {key: c_name(attrs[key]["type"])
      for key in re.findall(r"\[(PARSEC_A_\w+)\] = \{", helper) if key in attrs})
lengths = {"PARSEC_A_" + c_name(name): int(bits) // 8 for bits, name in re.findall(
    r"uint(\d+)_t (\w+);", re.search(r"struct reply_head \{(.*?)\}", helper, flags=re.S)[1])
    if attrs.get("PARSEC_A_" + c_name(name), {}).get("type") in SIZES}
same("the helper's REPLY has the spec's sizes", lengths,
     {key: SIZES[attrs[key]["type"]] for key in lengths})

print(f"1..{count}")
