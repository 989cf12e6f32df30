/* A load generator of calls through a SIP proxy over UDP: it is both the callers and the callees.
 *
 *     calls --target IP:PORT [--window N] [--rate N] [--seconds S | --count N] [--timeout S]
 *
 *     caller          proxy          callee
 *       | INVITE -----> | INVITE -----> |      the Request-URI names the callee's socket
 *       | <-------- 100 |               |
 *       | <-------- 180 | <-------- 180 |
 *       | <-------- 200 | <-------- 200 |      at once
 *       | ACK --------> | ACK --------> |      by the Record-Routes, to the Contact
 *       | BYE --------> | BYE --------> |      at once
 *       | <-------- 200 | <-------- 200 |
 *
 * It keeps `window` calls under way, or begins `rate` calls a second and never has more than
 * `window` under way. Both sides check what they get: that it belongs to a call, says what it must
 * and comes once. Both send again what is not answered (RFC 3261 sections 13.3.1.4 and 17.1), and
 * count that. A call that has not ended `timeout` seconds after it began is lost. When the time is
 * up no more calls are begun, and those under way are waited for. It prints one JSON object:
 *
 *     rate             calls completed a second, while calls were begun
 *     refused          calls that got a final failure, by its status
 *     lost             unanswered: no final response; accepted: it had got its 200
 *     not_offered      calls that `rate` wanted and `window` forbade
 *     wrong            messages that were not what they must be, and the first of them
 *     late             messages of calls that had ended
 *     sent_again       by us: INVITEs, 200s and BYEs
 *     got_again        by the proxy, or since we had sent something again
 *     without_100, without_180   completed calls whose provisional response was lost
 *     latency_us       invite: from the caller to the callee; ok: the 200 from callee to caller;
 *                      call: from the INVITE to the 200 to BYE
 *
 * Exit status: 0 calls were completed and nothing was wrong; 1 otherwise; 2 bad usage.
 */
#define _GNU_SOURCE
#include "call_phones.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>

enum { MAX_WINDOW = 1 << 16 };

#define TICK (NANOSECONDS / 100)

static struct {
    struct sockaddr_in target;
    long window, count;
    double rate, seconds, timeout;
} options = {.window = 100, .seconds = 2, .timeout = 32};

static char buffers[BATCH][BUFFER];
static struct iovec in_vectors[BATCH];
static struct mmsghdr incoming[BATCH];

static double seconds, rate;

static void usage(const char *problem)
{
    fprintf(stderr,
            "calls: %s\n"
            "usage: calls --target IP:PORT [--window N] [--rate N] [--seconds S] [--count N]\n"
            "             [--timeout S]\n",
            problem);
    exit(2);
}

/* ---- receiving ---- */

/* The call that a message says it belongs to; NULL if it is wrong or has ended. */
static struct call *call_of(const struct message *message, const char *data, size_t length)
{
    uint64_t id;

    if (message->call_id.length < ID_DIGITS || !read_id(message->call_id.at, &id) ||
        (id & 0xffffull << 48) != run_id || (long)(id & 0xffff) >= highest) {
        complain("belongs to no call of this run", data, length);
        return NULL;
    }
    struct call *call = &calls[id & 0xffff];
    if (call->id == id) {
        if (is(message->call_id, "", call->hex, call_host))
            return call;
        complain("has another Call-ID", data, length);
        return NULL;
    }
    late++;
    if (message->status >= 300 && equal(message->cseq, "1 INVITE"))
        answer_failure(message);
    return NULL;
}

/* Take what has arrived, one system call; how many datagrams that were. */
static int receive(struct side *side)
{
    int count = recvmmsg(side->fd, incoming, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
        if (errno != EAGAIN && errno != ECONNREFUSED && errno != EINTR) {
            perror("calls: recvmmsg");
            exit(1);
        }
        return 0;
    }
    uint64_t time = now();
    for (int i = 0; i < count; i++) {
        struct message message;
        size_t length = incoming[i].msg_len;
        const char *problem = read_message(buffers[i], length, &message);
        if (problem) {
            complain(problem, buffers[i], length);
            continue;
        }
        struct call *call = call_of(&message, buffers[i], length);
        if (call && side == &alice)
            caller_takes(call, &message, buffers[i], length, time);
        else if (call)
            callee_takes(call, &message, buffers[i], length, time);
    }
    return count;
}

/* ---- time ---- */

static void look_at_timers(uint64_t time)
{
    uint64_t limit = (uint64_t)(options.timeout * (double)NANOSECONDS);

    for (long i = 0; i < highest; i++) {
        struct call *call = &calls[i];
        if (!call->id)
            continue;
        if (time > call->began && time - call->began > limit) {
            if (call->got_ok)
                lost_accepted++;
            else
                unanswered++;
            end_call(call);
            continue;
        }
        if (call->caller_again <= time)
            send_caller_again(call, time);
        if (call->callee_again <= time)
            send_callee_again(call, time);
    }
}

/* How many calls may be begun at this time. */
static long due(uint64_t elapsed)
{
    if (options.rate <= 0)
        return options.count && options.count - (long)begun < free_count
                   ? options.count - (long)begun
                   : free_count;
    uint64_t wanted = (uint64_t)(options.rate * (double)elapsed / (double)NANOSECONDS);
    uint64_t owed = wanted - begun - not_offered;
    if ((long)owed > free_count) {
        not_offered += owed - (uint64_t)free_count;
        owed = (uint64_t)free_count;
    }
    return (long)owed;
}

static void wait_for_news(uint64_t nanoseconds)
{
    struct pollfd sockets[] = {{.fd = alice.fd, .events = POLLIN}, {.fd = bob.fd, .events = POLLIN}};
    struct timespec limit = {0, (long)nanoseconds};
    ppoll(sockets, 2, &limit, NULL);
}

static void run(void)
{
    uint64_t start = now(), time = start, last_look = start;
    uint64_t length = (uint64_t)(options.seconds * (double)NANOSECONDS);
    uint64_t pause = TICK / 10;

    if (options.rate > 0 && (double)NANOSECONDS / options.rate < (double)pause)
        pause = (uint64_t)((double)NANOSECONDS / options.rate);
    for (bool open = true; open || free_count < options.window; time = now()) {
        bool enough = options.count && begun >= (uint64_t)options.count;
        if (open && (enough || time - start >= length)) {
            open = false;
            in_time = completed;
            seconds = (double)(time - start) / (double)NANOSECONDS;
            rate = (double)completed / seconds;
        }
        for (long left = open ? due(time - start) : 0; left > 0; left--)
            begin_call(time);
        flush(&alice);
        int got = receive(&bob);
        flush(&bob);
        got += receive(&alice);
        flush(&alice);
        if (got == 0)
            wait_for_news(pause);
        if (time - last_look > TICK) {
            look_at_timers(time);
            flush(&alice);
            flush(&bob);
            last_look = time;
        }
    }
}

/* ---- before and after ---- */

static void open_side(struct side *side, const char *user)
{
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    int bytes = 8 << 20;

    side->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (side->fd < 0 ||
        connect(side->fd, (struct sockaddr *)&options.target, sizeof options.target) < 0 ||
        getsockname(side->fd, (struct sockaddr *)&own, &length) < 0) {
        perror("calls: socket");
        exit(1);
    }
    if (setsockopt(side->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(side->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    if (setsockopt(side->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0)
        setsockopt(side->fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    snprintf(side->address, sizeof side->address, "%s:%d", inet_ntoa(own.sin_addr),
             ntohs(own.sin_port));
    snprintf(side->contact, sizeof side->contact, "sip:%s@%s", user, side->address);
    for (int i = 0; i < BATCH; i++) {
        side->vectors[i].iov_base = side->buffers[i];
        side->messages[i].msg_hdr.msg_iov = &side->vectors[i];
        side->messages[i].msg_hdr.msg_iovlen = 1;
    }
}

static void prepare(void)
{
    calls = calloc((size_t)options.window, sizeof *calls);
    kept = calloc((size_t)options.window, sizeof *kept);
    free_calls = calloc((size_t)options.window, sizeof *free_calls);
    if (!calls || !kept || !free_calls) {
        perror("calls: calloc");
        exit(1);
    }
    for (long i = options.window; i-- > 0;)
        free_calls[free_count++] = (uint32_t)i;
    for (int i = 0; i < BATCH; i++) {
        in_vectors[i] = (struct iovec){buffers[i], BUFFER};
        incoming[i].msg_hdr.msg_iov = &in_vectors[i];
        incoming[i].msg_hdr.msg_iovlen = 1;
    }
    run_id = new_run();
    open_side(&alice, "alice");
    open_side(&bob, "bob");
    snprintf(call_host, sizeof call_host, "@%s", alice.address);
}

static void print_latency(const char *name, const struct histogram *latency, const char *end)
{
    printf("\"%s\": {\"p50\": %.1f, \"p99\": %.1f}%s", name, percentile_us(latency, 0.50),
           percentile_us(latency, 0.99), end);
}

static void report(void)
{
    const char *comma = "";

    printf("{\"seconds\": %.6f, \"begun\": %" PRIu64 ", \"completed\": %" PRIu64
           ", \"completed_in_time\": %" PRIu64 ", \"rate\": %.1f, \"not_offered\": %" PRIu64
           ", \"refused\": {",
           seconds, begun, completed, in_time, rate, not_offered);
    for (int status = 0; status < 700; status++) {
        if (refused[status]) {
            printf("%s\"%d\": %" PRIu64, comma, status, refused[status]);
            comma = ", ";
        }
    }
    printf("}, \"lost\": {\"unanswered\": %" PRIu64 ", \"accepted\": %" PRIu64
           "}, \"wrong\": %" PRIu64 ", \"late\": %" PRIu64 ", \"sent_again\": {\"invite\": %" PRIu64
           ", \"ok\": %" PRIu64 ", \"bye\": %" PRIu64 "}, \"got_again\": %" PRIu64
           ", \"without_100\": %" PRIu64 ", \"without_180\": %" PRIu64 ", \"latency_us\": {",
           unanswered, lost_accepted, wrong, late, again_invite, again_ok, again_bye, got_again,
           without_100, without_180);
    print_latency("invite", &invite_latency, ", ");
    print_latency("ok", &ok_latency, ", ");
    print_latency("call", &call_latency, "}, \"first_wrong\": ");
    if (wrong)
        print_json_text(first_wrong);
    else
        printf("null");
    printf("}\n");
}

static void parse_target(char *text)
{
    proxy = strdup(text);
    char *colon = strrchr(text, ':');
    if (!colon)
        usage("--target is not IP:PORT");
    *colon = 0;
    options.target.sin_family = AF_INET;
    options.target.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, text, &options.target.sin_addr) != 1)
        usage("--target is not an IPv4 address");
}

static void parse_options(int argc, char **argv)
{
    enum { TARGET, WINDOW, RATE, SECONDS, COUNT, TIMEOUT };
    static const struct option known[] = {{"target", required_argument, NULL, TARGET},
                                          {"window", required_argument, NULL, WINDOW},
                                          {"rate", required_argument, NULL, RATE},
                                          {"seconds", required_argument, NULL, SECONDS},
                                          {"count", required_argument, NULL, COUNT},
                                          {"timeout", required_argument, NULL, TIMEOUT},
                                          {0}};

    for (int which; (which = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (which) {
        case TARGET: parse_target(optarg); break;
        case WINDOW: options.window = atol(optarg); break;
        case RATE: options.rate = atof(optarg); break;
        case SECONDS: options.seconds = atof(optarg); break;
        case COUNT: options.count = atol(optarg); break;
        case TIMEOUT: options.timeout = atof(optarg); break;
        default: usage("unknown option");
        }
    }
    if (!proxy)
        usage("--target is missing");
    if (options.window < 1 || options.window > MAX_WINDOW)
        usage("--window is not within 1 to 65536");
    if (options.seconds <= 0 || options.seconds > 600)
        usage("--seconds is not within 0 to 600");
    if (options.timeout <= 0 || options.timeout > 600)
        usage("--timeout is not within 0 to 600");
}

int main(int argc, char **argv)
{
    parse_options(argc, argv);
    prepare();
    run();
    report();
    return wrong || !completed;
}
