/* The limit: a server that does nothing but return each datagram to its sender, with the same
 * batched system calls as sipway. What is between it and a SIP server is SIP.
 *
 *     echo IP PORT        listens until SIGTERM; prints "listening" once it is bound
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, BUFFER = 65536, STAGGER = 1088 };

static char buffers[BATCH][BUFFER + STAGGER];
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];
static struct sockaddr_in sources[BATCH];

static int bound_socket(const char *ip, const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    int size = 4 << 20;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || inet_pton(AF_INET, ip, &address.sin_addr) != 1) {
        fprintf(stderr, "echo: %s is not an IPv4 address\n", ip);
        exit(2);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("echo: bind");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: echo IP PORT\n");
        return 2;
    }
    struct pollfd readable = {.fd = bound_socket(argv[1], argv[2]), .events = POLLIN};

    puts("listening");
    fflush(stdout);
    for (int i = 0; i < BATCH; i++) {
        vectors[i].iov_base = buffers[i];
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
        messages[i].msg_hdr.msg_name = &sources[i];
    }
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            vectors[i].iov_len = BUFFER;
            messages[i].msg_hdr.msg_namelen = sizeof sources[i];
        }
        int received = recvmmsg(readable.fd, messages, BATCH, 0, NULL);
        if (received < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                perror("echo: recvmmsg");
                return 1;
            }
            poll(&readable, 1, -1);
            continue;
        }
        for (int i = 0; i < received; i++)
            vectors[i].iov_len = messages[i].msg_len;
        for (int sent = 0; sent < received;) {
            int count = sendmmsg(readable.fd, messages + sent, (unsigned)(received - sent), 0);
            sent += count > 0 ? count : 1; /* a datagram that is refused is skipped */
        }
    }
}
