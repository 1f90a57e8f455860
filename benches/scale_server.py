"""An HTTP/1.1 server for benches/scale.sh: answers everything, and counts how much it had to do at once.

GET /slow takes 20 ms; GET /reset says how many connections there were and how many requests were on
their way at once, and forgets it.
"""
import asyncio
import json
import sys

count = 0
connections = 0
busy = 0
most = 0


async def serve(reader, writer):
    global count, connections, busy, most
    connections += 1
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            target = head.split(" ", 2)[1]
            for line in head.split("\r\n"):
                if line.lower().startswith("content-length:"):
                    await reader.readexactly(int(line.split(":")[1]))
            if target == "/reset":
                body = f"{count} answered, {connections - 1} connections, {most} at once".encode()
                count, connections, most = 0, 1, 0
            else:
                count += 1
                busy += 1
                most = max(most, busy)
                if target == "/slow":
                    await asyncio.sleep(0.02)
                busy -= 1
                body = json.dumps({"ok": True, "n": count}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    with open(sys.argv[1], "w") as port:
        port.write(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


asyncio.run(main())
