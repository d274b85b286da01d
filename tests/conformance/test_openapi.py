#!/usr/bin/python3
"""The API's description is true: what /openapi.json says is walked, request by request, against a whole Buoy.

Usage: test_openapi.py BUOYD BUOY [CASE]. Every path answers, with the methods that are described and no others; every
kind is made, listed, shown, changed and deleted, and each answer fits its schema; every attribute of every kind is
sent with values that its schema forbids, and refused with nothing changed.
"""
import json
import os
import re
import subprocess
import sys

import jsonschema

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/net"))
from buoy import Client, Daemon, folder  # noqa: E402
from space import cases_of, enter_private, run, run_cases  # noqa: E402

METHODS = ("get", "post", "put", "delete")
NOWHERE = "00000000-0000-4000-8000-000000000000"
CONFIG = "[physical_networks]\nphysnet1 = bridge:br-ex\n[quota]\n" + "".join(
    f"{kind} = -1\n" for kind in ("network", "subnet", "port", "router", "floatingip"))
daemon = admin = document = None
made = {}  # names of parameters, and of attributes, to ids

FORWARDINGS = "/v2.0/floatingips/{floatingip_id}/port_forwardings"
# What a body needs beyond what its schema says, by collection. A text "@name" is the id that `made` has under it.
# In this order they are made; what is not here needs nothing.
BODIES = {
    "/v2.0/networks": {"name": "inside"},
    "/v2.0/subnets": {"network_id": "@network_id", "ip_version": 4, "cidr": "10.0.0.0/24"},
    "/v2.0/ports": {"network_id": "@network_id"},
    "/v2.0/routers": {"name": "router", "external_gateway_info": {"network_id": "@external_id"}},
    "/v2.0/floatingips": {"floating_network_id": "@external_id"},
    "/v2.0/subnetpools": {"name": "pool", "prefixes": ["10.96.0.0/16"]},
    "/v2.0/address-scopes": {"ip_version": 4},
    "/v2.0/flavors": {"service_type": "L3_ROUTER_NAT"},
    "/v2.0/service_profiles": {"metainfo": "x"},
    "/v2.0/rbac-policies": {"object_type": "network", "object_id": "@network_id", "action": "access_as_shared",
                            "target_tenant": "0123456789abcdef0123456789abcdef"},
    "/v2.0/buoy/quarantine": {"floating_network_id": "@external_id", "floating_ip_address": "192.0.2.99"},
    "/v2.0/buoy/transfers": {"floatingip_id": "@floatingip_id"},
    FORWARDINGS: {"protocol": "tcp", "internal_port_id": "@port_id", "internal_port": 80, "external_port": 80},
    "/v2.0/qos/policies": {"name": "policy"},
    "/v2.0/qos/policies/{policy_id}/bandwidth_limit_rules": {"max_kbps": 5},
}
# Lists that need to be told of what.
ASKED = {"/v2.0/buoy/history": "?address=192.0.2.10"}
# Paths that answer without an end, or not with JSON.
STREAMS = re.compile(r"/live$|/packets$|/metrics$")


def resolve(value):
    """With the ids for their names."""
    if isinstance(value, dict):
        return {k: resolve(v) for k, v in value.items()}
    if isinstance(value, list):
        return [resolve(v) for v in value]
    return made[value[1:]] if isinstance(value, str) and value.startswith("@") else value


def filled(path):
    """The path with ids that exist where they are known."""
    return re.sub(r"{(\w+)}", lambda m: made.get(m[1], NOWHERE), path)


def fits(schema, answer, what):
    checker = jsonschema.Draft202012Validator({**schema, "components": document["components"]},
                                              format_checker=jsonschema.FormatChecker())
    for error in checker.iter_errors(answer):
        raise AssertionError(f"{what}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")


def answer_schema(operation):
    """(status, schema) of the good answer; schema None: it has no body, or none in JSON."""
    status = next(s for s in operation["responses"] if s != "default")
    media = operation["responses"][status].get("content", {}).get("application/json")
    return int(status), media and media["schema"]


def ask(method, path, body, operation):
    """Asks, and holds the answer against the description."""
    status, _, text = admin.send(method.upper(), path, body)
    wanted, schema = answer_schema(operation)
    assert status == wanted, f"{method} {path} {json.dumps(body)}: {status} instead of {wanted}: {text[:400]}"
    answer = json.loads(text) if text else None
    if schema:
        fits(schema, answer, f"{method} {path}")
    return answer


def is_kind(path):
    """A collection that the generic verbs serve has all four methods."""
    return set(document["paths"].get(path, {})) >= {"get", "post"} and item_path(path) is not None


def item_path(path):
    for other, operations in document["paths"].items():
        if re.fullmatch(re.escape(path) + r"/{\w+}", other) and {"get", "put", "delete"} <= set(operations):
            return other
    return None


def schema_of(ref):
    return document["components"]["schemas"][ref.rsplit("/", 1)[1]]


def body_schema(operation):
    """(name, schema) of what a body wraps."""
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    schema = schema.get("oneOf", [schema])[0]
    name = schema["required"][0]
    return name, schema_of(schema["properties"][name]["$ref"])


def collections():
    """Those with a body of our own first, in their order; nested ones behind their parents."""
    found = [p for p in document["paths"] if is_kind(p)]
    order = list(BODIES)
    return sorted(found, key=lambda p: (order.index(p) if p in order else len(order), p.count("/"), p))


def make_everything():
    """One row of each kind; its id stands in `made` for paths and bodies."""
    external = admin.network("outside", **{"router:external": True, "provider:network_type": "flat",
                                           "provider:physical_network": "physnet1"})
    admin.subnet(external["id"], "192.0.2.0/24", enable_dhcp=False)
    made["external_id"] = external["id"]
    for path in collections():
        operation = document["paths"][path]["post"]
        name, _ = body_schema(operation)
        if path == FORWARDINGS:
            admin.interface(made["router_id"], made["subnet_id"])
        answer = ask("post", filled(path), {name: resolve(BODIES.get(path, {}))}, operation)
        made[re.search(r"{(\w+)}$", item_path(path))[1]] = answer[name]["id"]


# --- cases ---

def test_document_is_valid():
    """By a public validator, an npm package that stands beside the console's; without those it is not asked."""
    module = os.environ.get("OPENAPI_VALIDATOR")
    if module:
        script = f"""
            import {{ Validator }} from {json.dumps(module)};
            const result = await new Validator().validate(JSON.parse(require("fs").readFileSync(0)));
            console.log(JSON.stringify(result.errors ?? []));
            process.exit(result.valid ? 0 : 1);""".replace("require", "(await import('module')).createRequire('/')")
        done = subprocess.run(["node", "--input-type=module", "-e", script], input=json.dumps(document),
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, (done.stdout + done.stderr)[:2000]


def test_every_path_answers():
    for path, operations in document["paths"].items():
        status, headers, text = admin.send("PATCH", filled(path))
        assert status == 405, f"PATCH {path}: {status} {text[:200]}"
        allowed = set(headers["Allow"].lower().split(", ")) - {"head"}
        assert allowed == set(operations), f"{path}: allows {allowed}, described are {set(operations)}"
        assert all(o["summary"] for o in operations.values()), f"{path}: what does it do?"


def test_every_list_and_row_is_as_described():
    rows = {item_path(path) for path in collections()}
    for path, operations in document["paths"].items():
        if "get" not in operations or STREAMS.search(path):
            continue
        unknown = NOWHERE in filled(path)
        status, _, text = admin.send("GET", filled(path) + ASKED.get(path, ""))
        # Nobody's id, or what a row has not: two that belong together, a flavor's next provider.
        if status == 404 and (unknown or (path.count("{") and path not in rows)):
            continue
        wanted, schema = answer_schema(operations["get"])
        assert status == wanted, f"GET {filled(path)}: {status} {text[:300]}"
        if schema:
            fits(schema, json.loads(text), f"GET {path}")


def test_every_kind_is_changed_and_found():
    for path in collections():
        item, operations = item_path(path), document["paths"][item_path(path)]
        name, schema = body_schema(operations["put"])
        identity = filled(item).rsplit("/", 1)[1]
        change = {"description": "walked"} if "description" in schema["properties"] else {}
        ask("put", filled(item), {name: change}, operations["put"])
        found = ask("get", f"{filled(path)}?id={identity}&limit=1&sort_key=id&sort_dir=asc",
                    None, {"responses": {"200": {}}})
        rows = next(v for k, v in found.items() if not k.endswith("_links"))
        assert [r["id"] for r in rows] == [identity], (path, found)
        only = ask("get", f"{filled(item)}?fields=id", None, {"responses": {"200": {}}})
        assert only == {name: {"id": identity}}, (path, only)


def test_every_filter_is_taken():
    for path in collections():
        for parameter in document["paths"][path]["get"]["parameters"]:
            if parameter["in"] != "query" or parameter["name"] in (
                    "as_of", "marker", "sort_key", "sort_dir"):
                continue
            value = {"integer": "1", "boolean": "true"}.get(parameter["schema"].get("type"), "")
            status, _, text = admin.send("GET", f"{filled(path)}?{parameter['name']}={value}")
            assert status == 200 or (status == 400 and "cannot be converted" in text or "is not an integer" in text), (
                f"GET {path}?{parameter['name']}={value}: {status} {text[:300]}")


WRONG = {"string": [5, [], {}, True], "boolean": ["maybe", 7, [], {}], "integer": ["x", [], {}, 1.5],
         "array": ["x", 5, {}], "object": ["x", 5, True]}


def wrong_values(schema):
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    values = list(WRONG[types[0]]) if types else []
    if "null" not in types and types and types[0] != "array":
        values.append(None)
    if "enum" in schema:
        values.append("nonsense")
    if "maximum" in schema:
        values.append(schema["maximum"] + 1)
    if types[:1] == ["string"] and "maxLength" in schema:
        values.append("x" * (schema["maxLength"] + 1))
    if "format" in schema or "pattern" in schema:
        values.append("nonsense")
    return values


def state():
    return {path: admin.send("GET", filled(path))[2] for path in collections()}


def refuse(method, path, body):
    status, headers, text = admin.send(method.upper(), path, body)
    assert 400 <= status < 500, f"{method} {path} {json.dumps(body)[:300]}: {status} {text[:300]}"
    assert headers["X-Openstack-Request-Id"]
    fits(document["components"]["responses"]["Error"]["content"]["application/json"]["schema"], json.loads(text),
         f"{method} {path}")


def test_every_wrong_value_is_refused():
    before, count = state(), 0
    for path in collections():
        for method, where in ("post", path), ("put", item_path(path)):
            name, schema = body_schema(document["paths"][where][method])
            base = resolve(BODIES.get(path, {})) if method == "post" else {}
            for attribute, its in schema["properties"].items():
                for value in wrong_values(its):
                    refuse(method, filled(where), {name: {**base, attribute: value}})
                    count += 1
            for attribute in schema["required"] if method == "post" else ():
                refuse(method, filled(where), {name: {k: v for k, v in base.items() if k != attribute}})
            refuse(method, filled(where), {name: {**base, "nonsense": 1}})
            refuse(method, filled(where), {"nonsense": base})
    assert state() == before, "something has changed"
    assert count > 500, count


def test_nothing_is_done_without_a_body():
    before = state()
    for path, operations in document["paths"].items():
        for method in METHODS[1:3]:
            if method in operations and "requestBody" in operations[method]:
                for body in "", "[]", "5", "{", "\"x\"", "null":
                    status, _, text = admin.send(method.upper(), filled(path), body)
                    assert 400 <= status < 500, f"{method} {path} with {body!r}: {status} {text[:300]}"
    assert state() == before, "something has changed"


def test_zz_every_kind_is_deleted():
    for path in reversed(collections()):
        item = item_path(path)
        if path == "/v2.0/routers":
            admin.interface(made["router_id"], made["subnet_id"], "remove")
        ask("delete", filled(item), None, document["paths"][item]["delete"])
        status, _, text = admin.send("GET", filled(item))
        assert status == 404, f"GET {item} after its deletion: {status} {text[:200]}"


def main():
    global daemon, admin, document
    enter_private()
    run("ip link add br-ex type bridge")
    daemon = Daemon(sys.argv[1], folder(), CONFIG).start()
    admin = Client()
    document = json.loads(Client(None).send("GET", "/openapi.json")[2])
    make_everything()
    code = run_cases(cases_of(sys.modules[__name__]), sys.argv[3] if len(sys.argv) > 3 else "")
    daemon.end_test(code)


if __name__ == "__main__":
    main()
