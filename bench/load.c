/* A load generator for SIP servers over UDP: batched system calls, one thread, no dependency.
 *
 *     load --target IP:PORT --template FILE [--window N | --rate N] [--seconds S | --count N]
 *          [--begin N] [--users N]
 *
 * It sends requests made from a template, each with its own branch, Call-ID, From tag and CSeq,
 * and checks that every reply belongs to a request it sent and repeats what RFC 3261 section
 * 8.2.6 says it must. It keeps `window` requests outstanding (closed loop), or sends `rate`
 * requests a second and never more than `window` outstanding. It prints one JSON object.
 *
 * In a template {id} stands for 16 hexadecimal digits that no other request has, {cseq} for nine
 * decimal digits that grow from request to request, {user} for nine decimal digits, {local} for the
 * generator's own IP:PORT and {target} for the server's. The first {id} must be in the branch of the
 * topmost Via. Lines may end in LF; CRLF is what goes out.
 *
 * Requests are numbered from `begin` on (1 unless given), which {cseq} follows. Of N `users` each
 * request has the next one; without that number each has a user of its own.
 *
 * Exit status: 0 all replies were right; 1 a reply was wrong or none came; 2 bad usage.
 */
#define _GNU_SOURCE
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>

enum {
    BATCH = 64,
    BUFFER = 4096,      /* replies to these templates are far smaller */
    MAX_MESSAGE = 4096,
    MAX_PATCHES = 16,
    MAX_WINDOW = 1 << 16,
    NUMBER_DIGITS = 9,
    NUMBERS = 100000000, /* {cseq} and {user} begin with 1 */
};

enum place { ID, CSEQ, USER };

/* One place in the message that differs from request to request. */
struct patch {
    size_t offset;
    enum place place;
};

/* One request that may be outstanding: its bytes, and when it was sent. */
struct slot {
    uint64_t id; /* 0: free */
    uint64_t sent_at;
    char message[MAX_MESSAGE];
};

/* What is compared of a reply with its request. */
struct fields {
    const char *via, *from, *to, *call_id, *cseq;
    size_t via_len, from_len, to_len, call_id_len, cseq_len;
    int vias;
    long content_length;
    size_t head; /* bytes up to and with the empty line; 0 without one */
};

struct options {
    struct sockaddr_in target;
    const char *target_text, *template_file;
    long window, count, expect, begin, users;
    double rate, seconds, timeout;
    bool echo;
};

static struct options options = {
    .window = 256, .seconds = 2, .timeout = 1, .count = 0, .expect = 0, .begin = 1};

static char template[MAX_MESSAGE];
static size_t template_len;
static struct patch patches[MAX_PATCHES];
static int patch_count;

static struct slot *slots;
static uint32_t *free_slots;
static long free_count;

static char buffers[BATCH][BUFFER];
static struct iovec in_vectors[BATCH], out_vectors[BATCH];
static struct mmsghdr incoming[BATCH], outgoing[BATCH];

static uint64_t run_id;
static uint32_t next_number;

static uint64_t sent, replies, provisional, lost, wrong, duplicates;
static double seconds, rate; /* of the time in which requests were sent */
static uint64_t statuses[700];
static struct histogram latencies;
static char first_wrong[512];

static void usage(const char *problem)
{
    fprintf(stderr,
            "load: %s\n"
            "usage: load --target IP:PORT --template FILE [--window N] [--rate N]\n"
            "            [--seconds S] [--count N] [--timeout S] [--expect STATUS] [--echo]\n"
            "            [--begin N] [--users N]\n",
            problem);
    exit(2);
}

/* ---- requests ---- */

static void append(const char *text, size_t length)
{
    if (template_len + length > MAX_MESSAGE)
        usage("the template is too long");
    memcpy(template + template_len, text, length);
    template_len += length;
}

static void append_patch(enum place place)
{
    if (patch_count == MAX_PATCHES)
        usage("the template has too many places to fill in");
    patches[patch_count++] = (struct patch){template_len, place};
    append("0000000000000000", place == ID ? ID_DIGITS : NUMBER_DIGITS);
}

static void expand_template(const char *text, const char *local)
{
    static const struct {
        const char *name;
        size_t length;
    } names[] = {{"{id}", 4}, {"{cseq}", 6}, {"{user}", 6}, {"{local}", 7}, {"{target}", 8}};

    for (; *text; text++) {
        size_t which = 0;
        while (which < 5 && strncmp(text, names[which].name, names[which].length) != 0)
            which++;
        if (which < 3)
            append_patch((enum place)which);
        else if (which == 3)
            append(local, strlen(local));
        else if (which == 4)
            append(options.target_text, strlen(options.target_text));
        else if (*text == '\n')
            append("\r\n", 2);
        else if (*text != '\r')
            append(text, 1);
        if (which < 5)
            text += names[which].length - 1;
    }
    if (patch_count == 0 || patches[0].place != ID)
        usage("the template has no {id} in its Via");
}

static void write_number(char *at, uint32_t number)
{
    number = NUMBERS + number % NUMBERS;
    for (int i = NUMBER_DIGITS - 1; i >= 0; i--, number /= 10)
        at[i] = (char)('0' + number % 10);
}

static void fill_request(uint32_t index)
{
    struct slot *slot = &slots[index];
    uint32_t number = next_number++;

    slot->id = run_id | (uint64_t)number << 16 | index;
    for (int i = 0; i < patch_count; i++) {
        char *at = slot->message + patches[i].offset;
        if (patches[i].place == ID)
            write_id(at, slot->id);
        else if (patches[i].place == USER && options.users)
            write_number(at, number % (uint32_t)options.users);
        else
            write_number(at, number);
    }
}

static void release(uint32_t index)
{
    slots[index].id = 0;
    free_slots[free_count++] = index;
}

/* Send up to `most` new requests with one system call. */
static void send_requests(int fd, long most, uint64_t time)
{
    uint32_t taken[BATCH];
    int filled = 0;

    while (filled < BATCH && filled < most && free_count > 0) {
        uint32_t index = free_slots[--free_count];
        fill_request(index);
        slots[index].sent_at = time;
        taken[filled] = index;
        out_vectors[filled++].iov_base = slots[index].message;
    }
    int count = filled ? sendmmsg(fd, outgoing, (unsigned)filled, 0) : 0;
    if (count < 0) {
        if (errno != EAGAIN && errno != ECONNREFUSED && errno != EINTR) {
            perror("load: sendmmsg");
            exit(1);
        }
        count = 0;
    }
    sent += (uint64_t)count;
    for (int i = filled; i-- > count;)
        release(taken[i]);
}

static void give_up_on_old_requests(uint64_t time)
{
    uint64_t limit = (uint64_t)(options.timeout * (double)NANOSECONDS);
    for (long i = 0; i < options.window; i++) {
        if (slots[i].id && time - slots[i].sent_at > limit) {
            lost++;
            release((uint32_t)i);
        }
    }
}

/* ---- replies ---- */

static bool named(const char *line, size_t length, const char *name)
{
    return length == strlen(name) && strncasecmp(line, name, length) == 0;
}

/* Find the headers that are compared; the first line is skipped. */
static void read_fields(const char *data, size_t length, struct fields *fields)
{
    const char *end = data + length, *line = memchr(data, '\n', length);

    memset(fields, 0, sizeof *fields);
    fields->content_length = -1;
    while (line && ++line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        if (!next)
            return;
        if (*line == '\r' || *line == '\n') {
            fields->head = (size_t)(next + 1 - data);
            return;
        }
        const char *colon = memchr(line, ':', (size_t)(next - line));
        if (colon) {
            const char *value = colon + 1, *stop = next;
            while (value < stop && *value == ' ')
                value++;
            while (stop > value && (stop[-1] == '\r' || stop[-1] == ' '))
                stop--;
            size_t name_len = (size_t)(colon - line), value_len = (size_t)(stop - value);
            if (named(line, name_len, "Via")) {
                if (fields->vias++ == 0)
                    fields->via = value, fields->via_len = value_len;
            } else if (named(line, name_len, "From")) {
                fields->from = value, fields->from_len = value_len;
            } else if (named(line, name_len, "To")) {
                fields->to = value, fields->to_len = value_len;
            } else if (named(line, name_len, "Call-ID")) {
                fields->call_id = value, fields->call_id_len = value_len;
            } else if (named(line, name_len, "CSeq")) {
                fields->cseq = value, fields->cseq_len = value_len;
            } else if (named(line, name_len, "Content-Length")) {
                fields->content_length = strtol(value, NULL, 10);
            }
        }
        line = next;
    }
}

static bool same(const char *one, size_t one_len, const char *other, size_t other_len)
{
    return one && other && one_len == other_len && memcmp(one, other, one_len) == 0;
}

/* What is wrong with a reply, or NULL. */
static const char *fault(const struct fields *reply, size_t length, const struct slot *slot,
                         int status)
{
    struct fields request;

    read_fields(slot->message, template_len, &request);
    if (!reply->head)
        return "has no end of header";
    if (reply->content_length >= 0 && reply->head + (size_t)reply->content_length != length)
        return "has a wrong Content-Length";
    if (reply->vias != request.vias)
        return "has more or fewer Vias";
    if (!same(reply->call_id, reply->call_id_len, request.call_id, request.call_id_len))
        return "has another Call-ID";
    if (!same(reply->cseq, reply->cseq_len, request.cseq, request.cseq_len))
        return "has another CSeq";
    if (!same(reply->from, reply->from_len, request.from, request.from_len))
        return "has another From";
    if (!reply->to || reply->to_len < request.to_len ||
        memcmp(reply->to, request.to, request.to_len) != 0)
        return "has another To";
    if (status > 100 && !memmem(reply->to, reply->to_len, ";tag=", 5))
        return "has no To tag";
    if (options.expect && status >= 200 && status != options.expect)
        return "has an unexpected status";
    return NULL;
}

static void complain(const char *what, const char *data, size_t length)
{
    if (wrong++ == 0)
        snprintf(first_wrong, sizeof first_wrong, "%s: %.*s", what,
                 (int)(length < 400 ? length : 400), data);
}

/* The number of the request that the topmost Via names, or 0. */
static uint64_t request_of(const char *via, size_t length)
{
    const char *branch = via ? memmem(via, length, "branch=z9hG4bK", 14) : NULL;
    uint64_t id;

    if (!branch || (size_t)(via + length - branch) < 14 + ID_DIGITS || !read_id(branch + 14, &id))
        return 0;
    return id;
}

static void take_reply(const char *data, size_t length, uint64_t time)
{
    struct fields fields;
    int status = 0;

    if (!options.echo) {
        if (length < 16 || memcmp(data, "SIP/2.0 ", 8) != 0 || data[11] != ' ') {
            complain("not a reply", data, length);
            return;
        }
        status = (data[8] - '0') * 100 + (data[9] - '0') * 10 + data[10] - '0';
        if (status < 100 || status > 699) {
            complain("bad status", data, length);
            return;
        }
    }
    read_fields(data, length, &fields);
    uint64_t id = request_of(fields.via, fields.via_len);
    uint32_t index = (uint32_t)(id & 0xffff);
    if ((id & 0xffffull << 48) != run_id || index >= options.window) {
        complain("answers no request of this run", data, length);
        return;
    }
    struct slot *slot = &slots[index];
    if (slot->id != id) {
        duplicates++; /* answered before, or given up */
        return;
    }
    const char *problem =
        !options.echo                                    ? fault(&fields, length, slot, status)
        : same(data, length, slot->message, template_len) ? NULL
                                                          : "differs from what was sent";
    if (problem)
        complain(problem, data, length);
    if (status >= 100 && status < 200) {
        provisional++;
        return;
    }
    statuses[status]++;
    replies++;
    record(&latencies, time - slot->sent_at);
    release(index);
}

/* Take what has arrived, one system call; how many datagrams that were. */
static int receive_replies(int fd)
{
    int count = recvmmsg(fd, incoming, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
        if (errno != EAGAIN && errno != ECONNREFUSED && errno != EINTR) {
            perror("load: recvmmsg");
            exit(1);
        }
        return 0;
    }
    uint64_t time = now();
    for (int i = 0; i < count; i++)
        take_reply(buffers[i], incoming[i].msg_len, time);
    return count;
}

/* ---- the run ---- */

static int connected_socket(char *local, size_t size)
{
    struct sockaddr_in own;
    socklen_t length = sizeof own;
    int bytes = 4 << 20;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&options.target, sizeof options.target) < 0 ||
        getsockname(fd, (struct sockaddr *)&own, &length) < 0) {
        perror("load: socket");
        exit(1);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    snprintf(local, size, "%s:%d", inet_ntoa(own.sin_addr), ntohs(own.sin_port));
    return fd;
}

static void prepare(void)
{
    slots = calloc((size_t)options.window, sizeof *slots);
    free_slots = calloc((size_t)options.window, sizeof *free_slots);
    if (!slots || !free_slots) {
        perror("load: calloc");
        exit(1);
    }
    for (long i = options.window; i-- > 0;) {
        memcpy(slots[i].message, template, template_len);
        free_slots[free_count++] = (uint32_t)i;
    }
    for (int i = 0; i < BATCH; i++) {
        in_vectors[i] = (struct iovec){buffers[i], BUFFER};
        incoming[i].msg_hdr.msg_iov = &in_vectors[i];
        incoming[i].msg_hdr.msg_iovlen = 1;
        out_vectors[i].iov_len = template_len;
        outgoing[i].msg_hdr.msg_iov = &out_vectors[i];
        outgoing[i].msg_hdr.msg_iovlen = 1;
    }
    run_id = new_run();
    next_number = (uint32_t)options.begin;
}

/* How many requests may be sent at this time. */
static long due(uint64_t elapsed)
{
    long most = options.count ? options.count - (long)sent : BATCH;
    if (options.rate > 0) {
        double owed = options.rate * (double)elapsed / (double)NANOSECONDS - (double)sent;
        most = owed < (double)most ? (long)owed : most;
    }
    return most < BATCH ? most : BATCH;
}

static void run(int fd)
{
    uint64_t start = now(), time = start, last_check = start;
    uint64_t length = (uint64_t)(options.seconds * (double)NANOSECONDS);
    struct pollfd readable = {.fd = fd, .events = POLLIN};

    while (time - start < length && !(options.count && replies + lost >= (uint64_t)options.count)) {
        long most = due(time - start);
        if (most > 0)
            send_requests(fd, most, time);
        if (receive_replies(fd) == 0 && (free_count == 0 || due(now() - start) <= 0))
            poll(&readable, 1, 1);
        time = now();
        if (time - last_check > NANOSECONDS / 20) {
            give_up_on_old_requests(time);
            last_check = time;
        }
    }
    seconds = (double)(time - start) / (double)NANOSECONDS;
    rate = (double)replies / seconds;
    /* What is under way when the time is up is not lost: wait for it, not long. */
    for (uint64_t stop = now() + NANOSECONDS / 2; free_count < options.window && now() < stop;)
        if (receive_replies(fd) == 0)
            poll(&readable, 1, 10);
    lost += (uint64_t)(options.window - free_count);
}

static void report(void)
{
    const char *comma = "";

    printf("{\"request_bytes\": %zu, \"seconds\": %.6f, \"sent\": %" PRIu64
           ", \"replies\": %" PRIu64 ", \"rate\": %.1f, \"lost\": %" PRIu64
           ", \"provisional\": %" PRIu64 ", \"duplicates\": %" PRIu64 ", \"wrong\": %" PRIu64
           ", \"latency_us\": {\"p50\": %.1f, \"p99\": %.1f}, \"status\": {",
           template_len, seconds, sent, replies, rate, lost, provisional,
           duplicates, wrong, percentile_us(&latencies, 0.50),
           percentile_us(&latencies, 0.99));
    for (int status = 0; status < 700; status++) {
        if (statuses[status]) {
            printf("%s\"%d\": %" PRIu64, comma, status, statuses[status]);
            comma = ", ";
        }
    }
    printf("}, \"first_wrong\": ");
    if (wrong)
        print_json_text(first_wrong);
    else
        printf("null");
    printf("}\n");
}

static void parse_target(char *text)
{
    options.target_text = strdup(text);
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
    enum { TARGET, TEMPLATE, WINDOW, RATE, SECONDS, COUNT, TIMEOUT, EXPECT, ECHOED, BEGIN, USERS };
    static const struct option known[] = {
        {"target", required_argument, NULL, TARGET}, {"template", required_argument, NULL, TEMPLATE},
        {"window", required_argument, NULL, WINDOW}, {"rate", required_argument, NULL, RATE},
        {"seconds", required_argument, NULL, SECONDS}, {"count", required_argument, NULL, COUNT},
        {"timeout", required_argument, NULL, TIMEOUT}, {"expect", required_argument, NULL, EXPECT},
        {"echo", no_argument, NULL, ECHOED}, {"begin", required_argument, NULL, BEGIN},
        {"users", required_argument, NULL, USERS}, {0}};

    for (int which; (which = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        switch (which) {
        case TARGET: parse_target(optarg); break;
        case TEMPLATE: options.template_file = optarg; break;
        case WINDOW: options.window = atol(optarg); break;
        case RATE: options.rate = atof(optarg); break;
        case SECONDS: options.seconds = atof(optarg); break;
        case COUNT: options.count = atol(optarg); break;
        case TIMEOUT: options.timeout = atof(optarg); break;
        case EXPECT: options.expect = atol(optarg); break;
        case ECHOED: options.echo = true; break;
        case BEGIN: options.begin = atol(optarg); break;
        case USERS: options.users = atol(optarg); break;
        default: usage("unknown option");
        }
    }
    if (!options.target_text || !options.template_file)
        usage("--target or --template is missing");
    if (options.window < 1 || options.window > MAX_WINDOW)
        usage("--window is not within 1 to 65536");
    if (options.begin < 1 || options.begin >= NUMBERS || options.users < 0 ||
        options.users >= NUMBERS)
        usage("--begin and --users are below 100,000,000");
    if (options.seconds <= 0 || options.seconds > 600)
        usage("--seconds is not within 0 to 600");
}

static void load_template(const char *local)
{
    static char text[MAX_MESSAGE + 1];

    FILE *file = fopen(options.template_file, "rb");
    if (!file) {
        perror(options.template_file);
        exit(2);
    }
    size_t length = fread(text, 1, MAX_MESSAGE, file);
    fclose(file);
    text[length] = 0;
    expand_template(text, local);
}

int main(int argc, char **argv)
{
    char local[32];

    parse_options(argc, argv);
    int fd = connected_socket(local, sizeof local);
    load_template(local);
    prepare();
    run(fd);
    report();
    return wrong || !replies;
}
