#!/usr/bin/python3
"""Bad and hostile input against a whole buoyd: precise errors, others are served, memory stays bounded.

Usage: test_hostile.py BUOYD BUOY [CASE].
"""
import http.client
import json
import os
import re
import resource
import select
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from buoy import PASSWORD, Client, Daemon, Reply, folder, wait_for  # noqa: E402
from space import cases_of, enter_private, run, run_cases  # noqa: E402

CONFIG = "[identity]\ntoken_lifetime_s = 3600\n[physical_networks]\nphysnet1 = bridge:br-ex\n"
RSS_MAX_KB = 250_000
LOGIN_AT_ONCE = 64
daemon = admin = pids = None


def rss_kb():
    total = 0
    for pid in daemon.children().values():
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            total += int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])
    return total


def unharmed():
    """The same processes as at the start, of bounded size, and they answer."""
    assert daemon.children() == pids, (daemon.children(), pids)
    assert rss_kb() < RSS_MAX_KB, rss_kb()
    assert admin.list("network") == []


def refused(client, method, path, body, status, kind=None, family="NeutronError"):
    """The answer is an error in the API's own form."""
    got, headers, text = client.send(method, path, body)
    assert got == status, (method, path, got, text[:300])
    assert headers["X-Openstack-Request-Id"], headers
    error = json.loads(text)[family]
    if family == "NeutronError":
        assert set(error) == {"type", "message", "detail"}, error
        assert kind is None or error["type"] == kind, error
    else:
        assert error["code"] == status and error["message"], error
    return error


def test_bodies_too_large():
    for size, declared in ((1 << 20) + 1, True), (64 << 20, True), (2 << 20, False):
        connection = http.client.HTTPConnection(daemon.listen, timeout=30)
        connection.putrequest("POST", "/v2.0/networks")
        connection.putheader("X-Auth-Token", admin.token)
        if declared:
            connection.putheader("Content-Length", str(size))
        else:
            connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        try:
            for _ in range(0, size, 1 << 16):
                piece = b"x" * (1 << 16)
                connection.send(piece if declared else b"10000\r\n" + piece + b"\r\n")
                if select.select([connection.sock], [], [], 0)[0]:
                    break  # answered without being read
        except (BrokenPipeError, ConnectionResetError):
            pass
        try:
            answer = connection.getresponse()
            assert answer.status == 413, (size, answer.status)
            text = answer.read()
            assert "NeutronError" in json.loads(text), text
        except ConnectionResetError:
            pass  # its end came before the answer was read
        connection.close()
    name = "x" * ((1 << 20) - 100)
    refused(Client(), "POST", "/v2.0/networks", {"network": {"name": name}}, 400)
    unharmed()


def test_broken_bodies():
    client = Client()
    for body in ("", "{", "[]", "null", "1", '"network"', '{"network": []}', '{"network": {"name": "a"}',
                 '{"network": {"name": "a"}} x', '{"network": {"name": "\ud800"}}'.encode("utf-8", "surrogatepass"),
                 b'{"network": {"name": "\xff\xfe"}}', '{"network": {"name": "a\\u0000b"}}', '{"networks": {}}',
                 '{"network": {"nonsense": 1}}', '{"network": {"name": 1}}', '{"network": {"mtu": 1e400}}',
                 '{"network": {"mtu": 99999999999999999999}}', '{"network": {"name": "a", "name": "b"}}'[:-1],
                 "[" * 100_000, '{"a":' * 100_000, "[" * 500_000 + "]" * 500_000,
                 '{"network": {"name": ' + "[" * 200_000 + "]" * 200_000 + "}}"):
        refused(client, "POST", "/v2.0/networks", body, 400)
    for body in "{", "[]", '{"auth": 1}', '{"auth": {"identity": {"methods": ["password"], "password": []}}}':
        refused(client, "POST", "/identity/v3/auth/tokens", body, 400, family="error")
    unharmed()


def test_broken_requests():
    """What is no HTTP is answered 400 or cut off; nobody else notices."""
    for data in (b"\0\0\0\0\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"GET /v2.0/networks?a=%00 HTTP/1.1\r\nHost: a\r\n\r\n", b"A" * 200_000 + b"\r\n\r\n",
                 b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
                 b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
                 b"POST /v2.0/networks HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                 b"POST /v2.0/networks HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
                 b"POST /v2.0/networks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"):
        s = connect()
        s.settimeout(10)
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            answer = s.recv(100)
        except OSError:
            answer = b""
        s.close()
        assert answer[:9] in (b"", b"HTTP/1.1 ", b"HTTP/1.0 ") and answer[9:10] in (b"", b"4", b"5"), (data[:40], answer)
    unharmed()


def test_wrong_methods_and_paths():
    client = Client()
    for method, path, status in (("PATCH", "/v2.0/networks", 405), ("DELETE", "/v2.0/networks", 405),
                                 ("PUT", "/v2.0/floatingips", 405), ("POST", "/v2.0/agents", 405),
                                 ("BREW", "/v2.0/networks", 405), ("GET", "/v2.0/nothing", 404),
                                 ("GET", "/v2.0/networks/no-such", 404), ("DELETE", "/v2.0/routers/" + "9" * 300, 404),
                                 ("GET", "/v2.0/networks/../../etc/passwd", 404)):
        refused(client, method, path, None, status)
    refused(client, "GET", "/identity/v3/nothing", None, 404, family="error")
    refused(client, "GET", "/v2.0/networks?limit=x", None, 400)
    unharmed()


def test_tokens():
    bare = Client(None)
    for token in (None, "", "x", "A" * 10_000, admin.token[:-1], admin.token[:-4] + "AAAA", "A" + admin.token[1:],
                  admin.token + "A", "../../" + admin.token):
        bare.token = token
        refused(bare, "GET", "/v2.0/networks", None, 401)
        refused(bare, "POST", "/v2.0/networks", {"network": {}}, 401)
    other = make_project("hostile", "mallory")
    net = admin.network("secret")["id"]
    for method, body in ("GET", None), ("PUT", {"network": {"name": "mine"}}), ("DELETE", None):
        refused(other, method, f"/v2.0/networks/{net}", body, 404, "NetworkNotFound")
    refused(other, "POST", "/v2.0/subnets", {"subnet": {"network_id": net, "ip_version": 4, "cidr": "10.0.0.0/24"}}, 404)
    refused(other, "POST", "/v2.0/networks", {"network": {"project_id": admin.project}}, 400)
    refused(other, "GET", "/identity/v3/users", None, 403, family="error")
    admin.delete("network", net)
    # Revoked: at once.
    short = Client("mallory", PASSWORD, "hostile")
    status, _, text = short.send("DELETE", "/identity/v3/auth/tokens", None, {"X-Subject-Token": short.token}.items())
    assert status == 204, (status, text)
    refused(short, "GET", "/v2.0/networks", None, 401)
    unharmed()


def make_project(project, user):
    p = admin.call("POST", "/identity/v3/projects", {"project": {"name": project}}, 201)["project"]["id"]
    u = admin.call("POST", "/identity/v3/users", {"user": {"name": user, "password": PASSWORD}}, 201)["user"]["id"]
    role = admin.call("GET", "/identity/v3/roles?name=member")["roles"][0]["id"]
    admin.call("PUT", f"/identity/v3/projects/{p}/users/{u}/roles/{role}", None, 204)
    return Client(user, PASSWORD, project)


def connect():
    host, port = daemon.listen.rsplit(":", 1)
    return socket.create_connection((host, int(port)), 10)


def many(limit):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(limit, hard - 200)


def test_slow_and_half_open_connections():
    """As many as can be had, up to 10,000, each with a piece of a request: others are served meanwhile."""
    pieces = [b"", b"G", b"GET /v2.0/networks HTTP/1.1\r\nHost:", b"POST /v2.0/networks HTTP/1.1\r\nHost: a\r\n"
              b"Content-Length: 1000000\r\n\r\n{", b"POST /v2.0/networks HTTP/1.1\r\nHost: a\r\n"
              b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"]
    count, held = many(10_000), []
    client = Client()
    try:
        for i in range(count):
            s = socket.socket()
            s.setblocking(False)
            held.append(s)
            host, port = daemon.listen.rsplit(":", 1)
            s.connect_ex((host, int(port)))
            if i >= 64:
                try:
                    held[i - 64].send(pieces[i % len(pieces)])
                except OSError:
                    pass
            if i % 500 == 0:
                assert client.list("network") == []
        for _ in range(20):
            assert client.list("network") == []
        # A newcomer too, when those who only hold connections have been shown out.
        wait_for(answers_a_newcomer, "a new connection is served", 90)
        assert rss_kb() < RSS_MAX_KB, rss_kb()
        print(f"# {len(held)} connections held")
    finally:
        for s in held:
            s.close()
    wait_for(answers_a_newcomer, "a new connection is served")
    unharmed()


def answers_a_newcomer():
    client = Client(None)
    client.token = admin.token
    try:
        return client.send_once("GET", "/v2.0/networks", None, (), 5)[0] == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()


def test_log_in_flood():
    """Wrong passwords from many connections at once: memory stays bounded, others are served."""
    stop, seen, lock = threading.Event(), {}, threading.Lock()

    def flood(number):
        client = Client(None)
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": {
            "name": f"user{number}" if number % 2 else "admin", "domain": {"id": "default"}, "password": "wrong"}}}}}
        while not stop.is_set():
            try:
                status = client.send("POST", "/identity/v3/auth/tokens", body)[0]
            except (OSError, http.client.HTTPException):
                status = 0
                client.close()
            with lock:
                seen[status] = seen.get(status, 0) + 1
            if status in (429, 503):
                time.sleep(0.05)

    threads = [threading.Thread(target=flood, args=(i,)) for i in range(LOGIN_AT_ONCE)]
    for t in threads:
        t.start()
    try:
        wait_for(lambda: sum(seen.values()) > 50, "log-ins are answered", 60)
        for _ in range(200):
            assert admin.list("network") == []
        assert rss_kb() < RSS_MAX_KB, rss_kb()
    finally:
        stop.set()
        for t in threads:
            t.join()
    print("# answers", dict(sorted(seen.items())))
    assert set(seen) <= {401, 429, 503}, seen

    def can_log_in():
        try:
            return Client()
        except Reply:
            return None

    wait_for(can_log_in, "the right password is taken", 60)
    unharmed()


def test_many_objects_in_a_body():
    """A bulk that is refused in its last item leaves nothing; a huge one is refused or done, never half."""
    client = Client()
    items = [{"name": f"n{i}"} for i in range(50)] + [{"name": "bad", "mtu": -1}]
    refused(client, "POST", "/v2.0/networks", {"networks": items}, 400)
    unharmed()
    items = [{"name": f"n{i}"} for i in range(20_000)]
    refused(client, "POST", "/v2.0/networks", {"networks": items}, 409, "OverQuota")
    unharmed()
    refused(client, "POST", "/v2.0/networks", {"networks": []}, 400)


def main():
    global daemon, admin, pids
    enter_private()
    run("ip link add br-ex type bridge")
    daemon = Daemon(sys.argv[1], folder(), CONFIG).start()
    admin = Client()
    pids = wait_for(lambda: len(daemon.children()) == 3 and daemon.children(), "all processes")
    code = run_cases(cases_of(sys.modules[__name__]), sys.argv[3] if len(sys.argv) > 3 else "")
    daemon.end_test(code)


if __name__ == "__main__":
    main()
