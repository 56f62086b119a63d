//! Servers and clients on the sandbox's own loopback interface.

use crate::story::check;

#[test]
fn coroutines_serve_tcp() {
    check(
        &["
            import asyncio

            async def answer(reader, writer):
                writer.write((await reader.readline()).upper())
                await writer.drain()
                writer.close()
                await writer.wait_closed()

            async def main(host):
                server = await asyncio.start_server(answer, host, 0)
                async with server:
                    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
                    writer.write(b'hello over ' + host.encode() + b'\\n')
                    print(await reader.read())
                    writer.close()
                    await writer.wait_closed()

            for host in ('127.0.0.1', '::1', 'localhost'):
                asyncio.run(main(host))
        "],
        &[
            "passed completed | stdout b'HELLO OVER 127.0.0.1\\n'⏎b'HELLO OVER ::1\\n'⏎b'HELLO OVER LOCALHOST\\n'⏎",
        ],
    );
}

#[test]
fn coroutines_send_datagrams() {
    check(
        &["
            import asyncio

            class Echo(asyncio.DatagramProtocol):
                def connection_made(self, transport):
                    self.transport = transport

                def datagram_received(self, data, address):
                    self.transport.sendto(data[::-1], address)

            class Client(asyncio.DatagramProtocol):
                def __init__(self, answer):
                    self.answer = answer

                def connection_made(self, transport):
                    transport.sendto(b'abc')

                def datagram_received(self, data, address):
                    self.answer.set_result(data)

            async def main(host):
                loop = asyncio.get_running_loop()
                server, _ = await loop.create_datagram_endpoint(Echo, local_addr=(host, 0))
                answer = loop.create_future()
                address = server.get_extra_info('sockname')[:2]
                client, _ = await loop.create_datagram_endpoint(lambda: Client(answer), remote_addr=address)
                print(await asyncio.wait_for(answer, 5))
                client.close()
                server.close()

            for host in ('127.0.0.1', '::1'):
                asyncio.run(main(host))
        "],
        &["passed completed | stdout b'cba'⏎b'cba'⏎"],
    );
}

#[test]
fn coroutines_serve_unix_sockets() {
    check(
        &["
            import asyncio, os, tempfile

            async def answer(reader, writer):
                writer.write(await reader.readexactly(3) * 2)
                await writer.drain()
                writer.close()

            async def main(path):
                async with await asyncio.start_unix_server(answer, path):
                    reader, writer = await asyncio.open_unix_connection(path)
                    writer.write(b'abc')
                    print(await reader.read())
                    writer.close()

            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(main(os.path.join(folder, 'socket')))
            asyncio.run(main('here.socket'))
        "],
        &["passed completed | stdout b'abcabc'⏎b'abcabc'⏎"],
    );
}

#[test]
fn threads_serve_http() {
    check(
        &["
            import functools, http.client, http.server, json, pathlib, threading, urllib.error, urllib.request

            class Quiet(http.server.SimpleHTTPRequestHandler):
                def log_message(self, *args):
                    pass

                def do_POST(self):
                    body = self.rfile.read(int(self.headers['Content-Length']))
                    self.send_response(201)
                    self.end_headers()
                    self.wfile.write(json.dumps(json.loads(body)[::-1]).encode())

            pathlib.Path('site').mkdir()
            pathlib.Path('site/page.txt').write_text('a page')
            handler = functools.partial(Quiet, directory='site')
            with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
                threading.Thread(target=server.serve_forever).start()
                base = f'http://127.0.0.1:{server.server_port}'
                with urllib.request.urlopen(f'{base}/page.txt') as response:
                    print(response.status, response.read())
                with urllib.request.urlopen(base, data=b'[1, 2]') as response:
                    print(response.status, response.read())
                try:
                    urllib.request.urlopen(f'{base}/missing')
                except urllib.error.HTTPError as error:
                    print(error.code)
                    error.close()
                connection = http.client.HTTPConnection('localhost', server.server_port)
                connection.request('HEAD', '/page.txt')
                print(connection.getresponse().getheader('Content-Length'))
                connection.close()
                server.shutdown()
        "],
        &["passed completed | stdout 200 b'a page'⏎201 b'[2, 1]'⏎404⏎6⏎"],
    );
}

#[test]
fn socket_servers_of_every_family() {
    check(
        &["
            import socket, socketserver, threading

            class Upper(socketserver.StreamRequestHandler):
                def handle(self):
                    self.wfile.write(self.rfile.readline().upper())

            class Datagram(socketserver.BaseRequestHandler):
                def handle(self):
                    data, answering = self.request
                    answering.sendto(data.upper(), self.client_address)

            def ask(server, family, kind=socket.SOCK_STREAM):
                threading.Thread(target=server.serve_forever, args=(0.01,)).start()
                with socket.socket(family, kind) as client:
                    client.settimeout(5)
                    client.connect(server.server_address)
                    client.sendall(b'hello\\n')
                    print(client.recv(100))
                server.shutdown()
                server.server_close()

            class Six(socketserver.ThreadingTCPServer):
                address_family = socket.AF_INET6

            ask(socketserver.ThreadingTCPServer(('127.0.0.1', 0), Upper), socket.AF_INET)
            ask(Six(('::1', 0), Upper), socket.AF_INET6)
            ask(socketserver.ForkingTCPServer(('127.0.0.1', 0), Upper), socket.AF_INET)
            ask(socketserver.ThreadingUnixStreamServer('upper.socket', Upper), socket.AF_UNIX)
            ask(socketserver.UDPServer(('127.0.0.1', 0), Datagram), socket.AF_INET, socket.SOCK_DGRAM)
        "],
        &["passed completed | stdout b'HELLO\\n'⏎b'HELLO\\n'⏎b'HELLO\\n'⏎b'HELLO\\n'⏎b'HELLO\\n'⏎"],
    );
}

#[test]
fn procedures_are_called_over_xml() {
    check(
        &["
            import threading
            from xmlrpc.client import Fault, ServerProxy
            from xmlrpc.server import SimpleXMLRPCServer

            with SimpleXMLRPCServer(('localhost', 0), logRequests=False) as server:
                server.register_function(divmod)
                threading.Thread(target=server.serve_forever, args=(0.01,)).start()
                with ServerProxy(f'http://localhost:{server.server_address[1]}') as proxy:
                    print(proxy.divmod(17, 5))
                    try:
                        proxy.divmod(1, 0)
                    except Fault as fault:
                        print('ZeroDivisionError' in fault.faultString)
                server.shutdown()
        "],
        &["passed completed | stdout [3, 2]⏎True⏎"],
    );
}

#[test]
fn sockets_and_their_options() {
    check(
        &["
            import array, os, socket

            left, right = socket.socketpair()
            read, write = os.pipe()
            socket.send_fds(left, [b'a pipe'], [write])
            message, (received,), _, _ = socket.recv_fds(right, 100, 1)
            os.write(received, b'through a passed descriptor')
            print(message, os.read(read, 100))

            with socket.create_server(('', 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
                port = server.getsockname()[1]
                for host in ('127.0.0.1', '::1'):
                    with socket.create_connection((host, port), 5) as client, server.accept()[0] as peer:
                        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        client.sendall(b'dual')
                        print(peer.recv(10), client.getpeername()[0])
            with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
                server.bind('\\0abstract')
                server.listen()
                client.connect('\\0abstract')
                print(server.accept()[0].getsockname())
            try:
                socket.create_connection(('127.0.0.1', 9), 5)
            except ConnectionRefusedError as error:
                print(error)
        "],
        &[
            "passed completed | stdout b'a pipe' b'through a passed descriptor'⏎b'dual' 127.0.0.1⏎b'dual' ::1⏎\
           b'\\x00abstract'⏎[Errno 111] Connection refused⏎",
        ],
    );
}

#[test]
fn names_of_this_machine() {
    check(
        &["
            import ipaddress, socket

            print(socket.gethostbyname('localhost'), socket.gethostbyname(socket.gethostname()))
            print(socket.if_nameindex(), socket.getservbyname('http'), socket.getprotobyname('tcp'))
            print(ipaddress.ip_address(socket.inet_ntoa(b'\\x7f\\0\\0\\1')).is_loopback, bool(socket.getfqdn()))
        "],
        &["passed completed | stdout 127.0.0.1 127.0.0.1⏎[(1, 'lo')] 80 6⏎True True⏎"],
    );
}

/// `multi on` of host.conf(5) is what makes the second line of a name count.
#[test]
fn localhost_has_both_addresses() {
    check(
        &["
            import socket

            print(sorted({info[4][0] for info in socket.getaddrinfo('localhost', 80)}))
            print(socket.getaddrinfo('localhost', 80, socket.AF_INET6, socket.SOCK_STREAM)[0][4][0])
        "],
        &["passed completed | stdout ['127.0.0.1', '::1']⏎::1⏎"],
    );
}

#[test]
fn readiness_is_waited_for_by_every_means() {
    check(
        &["
            import os, select, selectors

            read, write = os.pipe()
            print(select.select([read], [], [], 0)[0])
            os.write(write, b'x')
            print(select.select([read], [], [], 5)[0] == [read])
            poll, epoll = select.poll(), select.epoll()
            poll.register(read, select.POLLIN)
            epoll.register(read, select.EPOLLIN)
            print(poll.poll(5000) == [(read, select.POLLIN)], epoll.poll(5) == [(read, select.EPOLLIN)])
            with selectors.DefaultSelector() as selector:
                selector.register(read, selectors.EVENT_READ, 'data')
                print(type(selector).__name__, [key.data for key, _ in selector.select(5)])
            event = os.eventfd(3, os.EFD_CLOEXEC)
            os.eventfd_write(event, 4)
            print(os.eventfd_read(event))
            if hasattr(os, 'timerfd_create'):
                timer = os.timerfd_create(0, flags=os.TFD_CLOEXEC)
                os.timerfd_settime(timer, initial=0.001)
                print(int.from_bytes(os.read(timer, 8), 'little') == 1)
            else:
                print(True)
        "],
        &["passed completed | stdout []⏎True⏎True True⏎EpollSelector ['data']⏎7⏎True⏎"],
    );
}

/// As many as the same Python finds outside: a machine may have none.
#[test]
fn certificates_of_the_machine_are_known() {
    let ask = "import ssl; print(len(ssl.create_default_context().get_ca_certs()) > 0)";
    let outside = std::process::Command::new(&*crate::project::PYTHON).args(["-c", ask]).output().unwrap();
    let outside = String::from_utf8(outside.stdout).unwrap();
    check(
        &[
            ask,
            "ssl.OPENSSL_VERSION[:7], ssl.create_default_context().verify_mode.name, ssl.RAND_bytes(4) != b''",
        ],
        &[
            &format!("passed completed | stdout {}⏎", outside.trim_end()),
            "passed completed | value ('OpenSSL', 'CERT_REQUIRED', True)",
        ],
    );
}

/// Without certificates, so that the test brings none.
#[test]
fn connections_are_encrypted() {
    check(
        &["
            import socket, ssl, threading

            def context(purpose):
                context = ssl.SSLContext(purpose)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                context.maximum_version = ssl.TLSVersion.TLSv1_2
                context.set_ciphers('AECDH-AES256-SHA:@SECLEVEL=0')
                return context

            def serve(server):
                with context(ssl.PROTOCOL_TLS_SERVER).wrap_socket(server.accept()[0], server_side=True) as peer:
                    peer.sendall(peer.recv(100).upper())

            with socket.create_server(('127.0.0.1', 0)) as server:
                thread = threading.Thread(target=serve, args=(server,))
                thread.start()
                plain = socket.create_connection(server.getsockname(), 5)
                with context(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(plain) as client:
                    client.sendall(b'secret')
                    print(client.recv(100), client.version())
                thread.join()
        "],
        &["passed completed | stdout b'SECRET' TLSv1.2⏎"],
    );
}
