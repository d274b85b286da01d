#!/usr/bin/env python3
"""Opens many connections: COUNT UDP packets to ADDRESS, each from another port to another port.

    ip netns exec outside bench/flood.py ADDRESS COUNT
"""
import socket
import struct
import sys


def main(address, count):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 29, 0, 0, 64, socket.IPPROTO_UDP, 0, bytes(4),
                       socket.inet_aton(address))  # the kernel fills in the source and the checksum
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        for i in range(count):
            ports = struct.pack("!HH", 1024 + i % 50000, 9000 + i // 50000)
            out.sendto(head + ports + struct.pack("!HH", 9, 0) + b"x", (address, 0))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
