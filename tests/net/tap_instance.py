"""A virtual machine's network card as a hypervisor has it: a TAP device, with a very small system behind it."""
import fcntl
import os
import select
import socket
import struct
import threading

from packets import addresses, checksum

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454ca, 2, 0x1000


class TapInstance:
    """Answers ARP for its address, and UDP with the same text backwards."""

    def __init__(self, name, mac, addr, gateway):
        self.mac, self.addr = bytes.fromhex(mac.replace(":", "")), socket.inet_aton(addr)
        self.seen = []
        self.fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
        self.stop_fd, self.stopper = os.pipe()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.stopper)
        self.thread.join()
        os.close(self.fd)
        os.close(self.stop_fd)

    def run(self):
        while True:
            ready = select.select([self.fd, self.stop_fd], [], [])[0]
            if self.stop_fd in ready:
                return
            try:
                answer = self.answer(os.read(self.fd, 65535))
                if answer:
                    os.write(self.fd, answer)
            except OSError:  # the device is down
                pass

    def answer(self, frame):
        kind, body = frame[12:14], frame[14:]
        head = frame[6:12] + self.mac + kind
        if kind == b"\x08\x06" and body[6:8] == b"\0\1" and body[24:28] == self.addr:
            return head + body[:6] + b"\0\2" + self.mac + self.addr + body[8:18]
        if kind == b"\x08\0" and body[9] == 17 and body[16:20] == self.addr:
            self.seen.append(addresses(body))
            length = struct.unpack("!H", body[24:26])[0]
            text = body[28:20 + length][::-1]
            packet = body[:8] + b"\x40\x11\0\0" + body[16:20] + body[12:16]
            packet = packet[:10] + struct.pack("!H", checksum(packet)) + packet[12:]
            pseudo = packet[12:20] + struct.pack("!HH", 17, length)
            udp = body[22:24] + body[20:22] + body[24:26] + b"\0\0" + text
            return head + packet + udp[:6] + struct.pack("!H", checksum(pseudo + udp)) + udp[8:]
        return None
