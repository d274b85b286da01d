"""Cases of DHCP: what clients are given, and when they are not."""
import os
import signal
import socket
import subprocess
import time

from buoy import wait_for
from dhcp_world import SERVER, addresses, flush, settings
from space import ip, ns


def case_without_a_router(w):
    space, port = w.instance(w.lonely)
    told = w.udhcpc(space)
    assert told, w.daemon.last_words()
    assert told["ip"] == port["fixed_ips"][0]["ip_address"], told
    assert told["mask"] == "24" and told["mtu"] == "1400" and told["serverid"] == SERVER, told
    assert told["dns"] == SERVER and told["domain"] == "cloud.example" and told["lease"] == "3600", told
    assert "router" not in told, told
    assert told["staticroutes"] == f"{SERVER}/32 0.0.0.0 10.9.0.0/16 10.1.0.9", told
    assert told["hostname"] == "host-" + told["ip"].replace(".", "-"), told


def case_with_a_router(w):
    space, port = w.instance(w.routed)
    told = w.udhcpc(space)
    assert told["ip"] == port["fixed_ips"][0]["ip_address"], told
    assert told["router"] == "10.2.0.1" and told["dns"] == "192.0.2.1 192.0.2.2", told
    assert told["staticroutes"].endswith("0.0.0.0/0 10.2.0.1"), told
    assert told["mtu"] == str(w.routed["mtu"]), told
    # What it was told works: out by the router, and to a floating IP of its own.
    fip = w.admin.create("floatingip", floating_network_id=w.ext["id"], port_id=port["id"])
    assert fip["status"] == "ACTIVE", fip
    with ns("outside"):
        subprocess.run(["ping", "-c", "1", "-W", "5", fip["floating_ip_address"]], check=True, capture_output=True)
    with ns(space):
        subprocess.run(["ping", "-c", "1", "-W", "5", "198.51.100.9"], check=True, capture_output=True)
    assert w.udhcpc(space)["ip"] == told["ip"], "asked again behind a floating IP"


def dhclient(w, space, *more):
    base = f"{w.work}/{space}"
    with open(base + ".conf", "w", encoding="ascii") as f:
        f.write("timeout 10;\nretry 1;\ninitial-interval 1;\n")
    return subprocess.run(["ip", "netns", "exec", space, "dhclient", "-v", "-1", "-cf", base + ".conf", "-lf",
                           base + ".leases", "-pf", base + ".pid", "-sf", "/bin/true", *more, "eth0"],
                          capture_output=True, text=True, timeout=60, check=False)


def case_dhclient(w):
    space, port = w.instance(w.lonely)
    done = dhclient(w, space)
    with open(f"{w.work}/{space}.pid", encoding="ascii") as f:
        os.kill(int(f.read()), signal.SIGKILL)
    assert done.returncode == 0, done.stderr
    assert f"bound to {port['fixed_ips'][0]['ip_address']}" in done.stderr, done.stderr
    # Its next start asks for the address that it had (INIT-REBOOT), which is another one by now.
    w.admin.update("port", port["id"], fixed_ips=[{"subnet_id": w.lonely_sub["id"], "ip_address": "10.1.0.77"}])
    done = dhclient(w, space)
    with open(f"{w.work}/{space}.pid", encoding="ascii") as f:
        os.kill(int(f.read()), signal.SIGKILL)
    assert "DHCPNAK" in done.stderr and "bound to 10.1.0.77" in done.stderr, done.stderr


def case_unicast_renewal(w):
    space, port = w.instance(w.lonely)
    process = w.stay(space)
    os.path.exists(f"{w.work}/{space}.renew") and os.unlink(f"{w.work}/{space}.renew")
    with ns(space):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        s.bind(("eth0", 0x0800))
    s.settimeout(10)

    def renewed():
        process.send_signal(signal.SIGUSR1)  # renew now; one that is just going to sleep does not hear it
        time.sleep(0.2)
        return os.path.exists(f"{w.work}/{space}.renew")
    wait_for(renewed, "a renewal")
    frame = s.recv(2000)
    s.close()
    assert frame[:3] == b"\x02\x62\x75" or frame[6:9] == b"\x02\x62\x75", frame  # to us, or from us: not to all
    assert settings(f"{w.work}/{space}.renew")["ip"] == port["fixed_ips"][0]["ip_address"]
    w.end(process)


def case_silence(w):
    """Nobody answers who has no port there, or one that is switched off; nor on a subnet without DHCP."""
    space, port = w.instance(w.lonely)
    with ns(space):
        subprocess.run("ip link set eth0 address 02:00:00:00:00:99".split(), check=True)
    assert w.udhcpc(space) is None
    with ns(space):
        subprocess.run(f"ip link set eth0 address {port['mac_address']}".split(), check=True)
    assert w.udhcpc(space)
    w.admin.update("subnet", w.lonely_sub["id"], enable_dhcp=False)
    assert w.udhcpc(space) is None
    w.admin.update("subnet", w.lonely_sub["id"], enable_dhcp=True)
    assert w.udhcpc(space)


def case_two_subnets(w):
    a = w.admin
    net = a.network("two")
    one = a.subnet(net["id"], "10.3.0.0/24")
    two = a.subnet(net["id"], "10.4.0.0/24")
    space, port = w.instance(net, fixed_ips=[{"subnet_id": one["id"]}, {"subnet_id": two["id"]}])
    first, second = (f["ip_address"] for f in port["fixed_ips"])
    assert w.udhcpc(space)["ip"] == first
    assert w.udhcpc(space, "-r", second)["ip"] == second
    assert w.udhcpc(space, "-r", "10.3.0.250")["ip"] == first


def case_extra_options(w):
    """Options of the port come in place of the subnet's, and can be taken away again."""
    def opts(**values):
        return [{"opt_name": name.replace("_", "-"), "opt_value": value} for name, value in values.items()]
    space, port = w.instance(w.routed, extra_dhcp_opts=opts(
        bootfile_name="pxelinux.0", tftp_server="192.0.2.9", server_ip_address="192.0.2.8", ntp_server="192.0.2.7",
        mtu="1300", domain_name="elsewhere.example", classless_static_route="10.7.0.0/16,10.2.0.7", router=""))
    wishes = ("-O", "bootfile", "-O", "tftp", "-O", "ntpsrv")
    told = w.udhcpc(space, *wishes)
    want = {"boot_file": "pxelinux.0", "bootfile": "pxelinux.0", "tftp": "192.0.2.9", "siaddr": "192.0.2.8",
            "sname": "192.0.2.9", "ntpsrv": "192.0.2.7", "mtu": "1300", "domain": "elsewhere.example",
            "staticroutes": "10.7.0.0/16 10.2.0.7"}
    assert {name: told.get(name) for name in want} == want, told
    assert "router" not in told, told
    w.admin.update("port", port["id"], extra_dhcp_opts=opts(mtu=None, router=None, classless_static_route=None))
    told = w.udhcpc(space, *wishes)
    assert told["mtu"] == "1500" and told["router"] == "10.2.0.1" and told["ntpsrv"] == "192.0.2.7", told


def case_processes_end(w):
    """Whichever process is started anew: clients are answered as before, at once or a moment later."""
    space, port = w.instance(w.lonely)
    for name in "responder", "agent", "api", "responder":
        old = w.daemon.kill(name)
        wait_for(lambda: w.daemon.children().get(name, old) != old, f"a new {name}")
        assert wait_for(lambda: w.udhcpc(space), f"an answer after the {name}", 30)["ip"] == \
            port["fixed_ips"][0]["ip_address"]
    w.daemon.wait_up()
    w.admin.close()


def case_drift(w):
    """Somebody takes the bridge's entry away: it comes back, and with it what is sent to our MAC address."""
    space, _ = w.instance(w.lonely)
    bridge = f"brq{w.lonely['id'][:11]}"
    entry = [line for line in fdb(bridge) if line.startswith("02:62:75")]
    assert len(entry) == 1, fdb(bridge)
    subprocess.run(f"bridge fdb del {entry[0].split()[0]} dev {bridge} self".split(), check=True)
    w.daemon.kill("agent")
    wait_for(lambda: [line for line in fdb(bridge) if line.startswith("02:62:75")], "the entry")
    assert w.udhcpc(space)
    assert "serve" not in w.daemon.command("plan")


def fdb(bridge):
    return subprocess.run(["bridge", "fdb", "show", "br", bridge], capture_output=True, text=True,
                          check=False).stdout.splitlines()


def case_unprivileged(w):
    """The responder is an ordinary user without capabilities, and can not get any."""
    with open(f"/proc/{w.daemon.pid_of('responder')}/status", encoding="ascii") as f:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
    assert status["Uid"].split()[0] != "0" and int(status["CapEff"], 16) == 0 and int(status["CapBnd"], 16) == 0
    assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1", status


def case_garbage(w):
    """Frames that are none: the responder lives, and answers."""
    space, port = w.instance(w.lonely)
    pid = w.daemon.pid_of("responder")
    mac = bytes.fromhex(port["mac_address"].replace(":", ""))
    with ns(space):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        s.bind(("eth0", 0))
    head = b"\xff" * 6 + mac + b"\x08\0"
    packet = bytearray(b"\x45\0\1\0\0\0\0\0\x40\x11\0\0\0\0\0\0\xff\xff\xff\xff\0\x44\0\x43\0\xec\0\0")
    for i in range(3000):
        body = os.urandom(i % 400)
        s.send(head + bytes(packet) + body)
    s.close()
    time.sleep(0.1)
    assert w.udhcpc(space)
    assert w.daemon.pid_of("responder") == pid


def case_everything_goes(w):
    """A network that is deleted leaves nothing behind, and cleanup nothing of any."""
    a = w.admin
    net = a.network("short")
    a.subnet(net["id"], "10.5.0.0/24")
    space, port = w.instance(net)
    assert w.udhcpc(space)
    flush(space)
    assert not addresses(space)
    ip(space, "link del eth0")
    a.delete("port", port["id"])
    a.delete("network", net["id"])
    wait_for(lambda: not os.path.exists(f"/sys/class/net/brq{net['id'][:11]}"), "the bridge has gone")


def case_zz_cleanup(w):
    """On a bridge that somebody else made, too: cleanup takes away our entry, and leaves the bridge."""
    a = w.admin
    sub = a.list("subnet", f"?network_id={w.ext['id']}")[0]
    a.update("subnet", sub["id"], enable_dhcp=True)
    space, port = w.instance(w.ext)
    told = w.udhcpc(space)
    assert told and told["ip"] == port["fixed_ips"][0]["ip_address"], told
    assert [line for line in fdb("br-ex") if line.startswith("02:62:75")], fdb("br-ex")
    w.daemon.stop()
    w.daemon.command("cleanup")
    assert fdb("br-ex") and not [line for line in fdb("br-ex") if line.startswith("02:62:75")], fdb("br-ex")
    w.daemon.start()
    w.admin.close()
    wait_for(lambda: w.udhcpc(space), "an answer again", 30)
