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
#include "call_messages.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <sys/socket.h>

enum {
    BATCH = 64,
    BUFFER = 4096,
    MAX_WINDOW = 1 << 16,
    KEPT = 1536, /* bytes of a message that may have to be sent again */
};

#define T1 (NANOSECONDS / 2)
#define T2 (4 * NANOSECONDS)
#define TICK (NANOSECONDS / 100)
#define NEVER UINT64_MAX

enum caller { CALLING, PROCEEDING, ENDING, ENDED };
enum callee { IDLE, ANSWERED, CONFIRMED };

struct counts {
    uint16_t invites, oks, acks, byes, bye_oks;
};

struct call {
    uint64_t id; /* 0: free */
    uint64_t began, answered;
    uint64_t caller_again, caller_interval; /* when to send INVITE or BYE again */
    uint64_t callee_again, callee_interval; /* when to send the 200 again */
    enum caller caller;
    enum callee callee;
    bool got_100, got_180, got_invite, got_ok;
    struct counts sent, got;
    char hex[ID_DIGITS];
};

struct kept {
    size_t ok_length, ack_length, bye_length;
    char ok[KEPT], ack[KEPT], bye[KEPT];
};

/* A socket with what is to go out by it. */
struct side {
    int fd;
    char address[32], contact[48]; /* IP:PORT; URI */
    unsigned filled;
    uint64_t *stamps[BATCH]; /* where to note the time at which it was sent */
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    char buffers[BATCH][BUFFER];
};

static struct {
    struct sockaddr_in target;
    const char *target_text;
    long window, count;
    double rate, seconds, timeout;
} options = {.window = 100, .seconds = 2, .timeout = 32};

static struct side alice = {.fd = -1}, bob = {.fd = -1};
static struct call *calls;
static struct kept *kept;
static uint32_t *free_calls;
static long free_count, highest; /* no call beyond `highest` has ever been used */

static char buffers[BATCH][BUFFER];
static struct iovec in_vectors[BATCH];
static struct mmsghdr incoming[BATCH];

static uint64_t run_id;
static uint32_t next_number = 1;

static uint64_t begun, completed, in_time, unanswered, lost_accepted, not_offered, wrong, late;
static uint64_t again_invite, again_ok, again_bye, got_again, without_100, without_180;
static uint64_t refused[700];
static double seconds, rate;
static struct histogram invite_latency, ok_latency, call_latency;
static char first_wrong[1024];
static char call_host[48]; /* what follows the digits in a Call-ID */

static void usage(const char *problem)
{
    fprintf(stderr,
            "calls: %s\n"
            "usage: calls --target IP:PORT [--window N] [--rate N] [--seconds S] [--count N]\n"
            "             [--timeout S]\n",
            problem);
    exit(2);
}

/* ---- sending ---- */

static void flush(struct side *side)
{
    unsigned done = 0;

    while (done < side->filled) {
        uint64_t time = now();
        int count = sendmmsg(side->fd, side->messages + done, side->filled - done, 0);
        if (count < 0) {
            if (errno != EAGAIN && errno != ECONNREFUSED && errno != EINTR && errno != ENOBUFS) {
                perror("calls: sendmmsg");
                exit(1);
            }
            if (errno == EAGAIN || errno == ENOBUFS)
                break; /* as if the network had lost them: they are sent again in time */
            continue;
        }
        for (int i = 0; i < count; i++)
            if (side->stamps[done + (unsigned)i])
                *side->stamps[done + (unsigned)i] = time;
        done += (unsigned)count;
    }
    side->filled = 0;
}

static struct writer begin_message(struct side *side)
{
    if (side->filled == BATCH)
        flush(side);
    char *start = side->buffers[side->filled];
    return (struct writer){start, start, start + BUFFER};
}

/* Queue what has been written; `stamp` may be NULL. Its length. */
static size_t end_message(struct side *side, struct writer *out, uint64_t *stamp)
{
    side->vectors[side->filled].iov_len = (size_t)(out->at - out->start);
    side->stamps[side->filled++] = stamp;
    return (size_t)(out->at - out->start);
}

static void send_kept(struct side *side, const char *message, size_t length)
{
    struct writer out = begin_message(side);
    put_bytes(&out, message, length);
    end_message(side, &out, NULL);
}

static size_t keep(char *place, const struct writer *out)
{
    size_t length = (size_t)(out->at - out->start);
    if (length > KEPT) {
        fprintf(stderr, "calls: a message is too long to be kept\n");
        exit(1);
    }
    memcpy(place, out->start, length);
    return length;
}

/* ---- faults ---- */

static void complain(const char *what, const char *data, size_t length)
{
    if (wrong++ == 0)
        snprintf(first_wrong, sizeof first_wrong, "%s: %.*s", what,
                 (int)(length < 800 ? length : 800), data);
}

/* ---- the caller ---- */

static void send_invite(struct call *call, bool first)
{
    struct writer out = begin_message(&alice);
    struct text uri = {bob.contact, strlen(bob.contact)};

    put_request(&out, "INVITE", uri, alice.address, "i", call->hex, false, "1 INVITE");
    put(&out, "Contact: <");
    put(&out, alice.contact);
    put(&out, ">\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\nUser-Agent: sipway-calls/1\r\n");
    put_body(&out, OFFER);
    end_message(&alice, &out, first ? &call->began : NULL);
    call->sent.invites++;
}

static void begin_call(uint64_t time)
{
    uint32_t index = free_calls[--free_count];
    struct call *call = &calls[index];

    memset(call, 0, sizeof *call);
    call->id = run_id | (uint64_t)next_number++ << 16 | index;
    write_id(call->hex, call->id);
    call->began = time;
    call->caller_interval = T1;
    call->caller_again = time + T1;
    call->callee_again = NEVER;
    if ((long)index >= highest)
        highest = (long)index + 1;
    begun++;
    send_invite(call, true);
}

static void end_call(struct call *call)
{
    call->id = 0;
    free_calls[free_count++] = (uint32_t)(call - calls);
}

/* A call is over when both sides have had all that they wait for. */
static void end_if_complete(struct call *call, uint64_t time)
{
    if (call->caller != ENDED || call->callee != CONFIRMED)
        return;
    completed++;
    without_100 += !call->got_100;
    without_180 += !call->got_180;
    record(&call_latency, time - call->began);
    end_call(call);
}

/* ACK and BYE, by the route set that the 200 gives (RFC 3261 section 12.2.1.1). */
static void confirm(struct call *call, const struct message *ok, uint64_t time)
{
    struct kept *mine = &kept[call - calls];

    for (int bye = 0; bye < 2; bye++) {
        struct writer out = begin_message(&alice);
        put_request(&out, bye ? "BYE" : "ACK", uri_of(ok->contact), alice.address, bye ? "y" : "k",
                    call->hex, true, bye ? "2 BYE" : "1 ACK");
        for (int i = ok->record_route_count; i-- > 0;)
            put_field(&out, "Route: ", ok->record_routes[i]);
        put_body(&out, "");
        if (bye)
            mine->bye_length = keep(mine->bye, &out);
        else
            mine->ack_length = keep(mine->ack, &out);
        end_message(&alice, &out, NULL);
    }
    call->sent.acks++;
    call->sent.byes++;
    call->caller = ENDING;
    call->caller_interval = T1;
    call->caller_again = time + T1;
}

static const char *caller_fault(const struct call *call, const struct message *reply)
{
    bool invite = equal(reply->cseq, "1 INVITE");
    int status = reply->status;
    char own[64];

    if (status == 0)
        return "a request to the caller";
    if (!invite && !equal(reply->cseq, "2 BYE"))
        return "to a request that was not sent";
    snprintf(own, sizeof own, "z9hG4bK%c%.16s", invite ? 'i' : 'y', call->hex);
    if (reply->vias != 1 || !has(reply->via, own) || !has(reply->via, alice.address))
        return "has other Vias than the caller's";
    if (!is(reply->from, ALICE, call->hex, ""))
        return "has another From";
    if (status == 100 ? !has(reply->to, BOB)
        : status < 300 ? !is(reply->to, BOB BOB_TAG, call->hex, "")
                       : !has(reply->to, invite ? BOB ";tag=" : BOB))
        return "has another To";
    if (status > 100 && status < 300 && invite) {
        if (status != 180 && status != 200)
            return "has a status that the callee did not give";
        if (reply->record_route_count == 0 || !has(reply->record_routes[0], options.target_text))
            return "has no Record-Route of the proxy's";
        if (!equal(uri_of(reply->contact), bob.contact))
            return "has another Contact";
    }
    if (status < 300 && !invite && status != 200)
        return "has a status that the callee did not give";
    if (!equal(reply->body, status == 200 && invite ? ANSWER : ""))
        return "has another body";
    if (!invite && call->caller < ENDING)
        return "to a BYE that was not sent";
    if (call->callee == IDLE && status > 100 && status < 300)
        return "before the callee has answered";
    return NULL;
}

static void refuse(struct call *call, const struct message *reply, bool invite)
{
    if (invite && call->caller < ENDING) {
        refused[reply->status]++;
        end_call(call);
    } else if (!invite && call->caller == ENDING) {
        lost_accepted++;
        end_call(call);
    }
}

static void answer_failure(const struct message *reply)
{
    struct writer out = begin_message(&alice);
    put_failure_ack(&out, reply, bob.contact);
    end_message(&alice, &out, NULL);
}

static void caller_takes(struct call *call, const struct message *reply, const char *data,
                         size_t length, uint64_t time)
{
    const char *problem = caller_fault(call, reply);
    if (problem) {
        complain(problem, data, length);
        return;
    }
    bool invite = equal(reply->cseq, "1 INVITE");
    if (reply->status >= 300) {
        if (invite)
            answer_failure(reply);
        refuse(call, reply, invite);
    } else if (!invite) {
        if (++call->got.bye_oks > call->sent.byes + call->got.byes)
            complain("more 200s to BYE than BYEs", data, length);
        got_again += call->got.bye_oks > 1;
        call->caller = ENDED;
        call->caller_again = NEVER;
        end_if_complete(call, time);
    } else if (reply->status < 200) {
        bool *got = reply->status == 100 ? &call->got_100 : &call->got_180;
        if (*got && call->sent.invites == 1)
            complain("a provisional response twice", data, length);
        got_again += *got;
        *got = true;
        if (call->caller == CALLING) {
            call->caller = PROCEEDING;
            call->caller_again = NEVER;
        }
    } else {
        if (++call->got.oks > call->sent.oks + call->sent.invites - 1)
            complain("more 200s than the callee sent", data, length);
        if (call->caller < ENDING) {
            call->got_ok = true;
            record(&ok_latency, time - call->answered);
            confirm(call, reply, time);
        } else {
            got_again++;
            call->sent.acks++;
            send_kept(&alice, kept[call - calls].ack, kept[call - calls].ack_length);
        }
    }
}

/* ---- the callee ---- */

static const char *callee_fault(const struct call *call, const struct message *request)
{
    bool invite = equal(request->method, "INVITE");
    char kind = invite ? 'i' : equal(request->method, "ACK") ? 'k' : 'y', own[64];

    if (request->status)
        return "a reply to the callee";
    if (!invite && kind != 'k' && !equal(request->method, "BYE"))
        return "a request that was not sent";
    if (!equal(request->uri, bob.contact))
        return "has another Request-URI";
    snprintf(own, sizeof own, "z9hG4bK%c%.16s", kind, call->hex);
    if (request->vias != 2 || !has(request->next_via, own))
        return "has other Vias than the proxy's and the caller's";
    if (!has(request->via, options.target_text) || !has(request->via, "branch=z9hG4bK"))
        return "has no Via of the proxy's";
    if (!is(request->from, ALICE, call->hex, ""))
        return "has another From";
    if (!equal(request->cseq, invite ? "1 INVITE" : kind == 'k' ? "1 ACK" : "2 BYE"))
        return "has another CSeq";
    if (request->max_forwards != 69)
        return "has no Max-Forwards of 69";
    if (request->routes)
        return "has a Route left";
    if (invite) {
        if (!equal(request->to, BOB))
            return "has another To";
        if (!equal(uri_of(request->contact), alice.contact))
            return "has another Contact";
        if (!equal(request->body, OFFER))
            return "has another body";
        if (request->record_route_count == 0 ||
            !has(request->record_routes[0], options.target_text) ||
            !has(request->record_routes[0], ";lr"))
            return "has no Record-Route of the proxy's";
        return NULL;
    }
    if (!is(request->to, BOB BOB_TAG, call->hex, ""))
        return "has another To";
    return call->caller < ENDING ? "before the caller sent it" : NULL;
}

static void send_reply(struct call *call, const struct message *request, const char *status,
                       bool final, uint64_t *stamp)
{
    struct writer out = begin_message(&bob);
    bool invite = equal(request->method, "INVITE");

    put_reply(&out, status, request, call->hex, invite ? bob.contact : "",
              invite && final ? ANSWER : "");
    if (invite && final) {
        kept[call - calls].ok_length = keep(kept[call - calls].ok, &out);
        call->sent.oks++;
    }
    end_message(&bob, &out, stamp);
}

static void callee_takes(struct call *call, const struct message *request, const char *data,
                         size_t length, uint64_t time)
{
    const char *problem = callee_fault(call, request);
    if (problem) {
        complain(problem, data, length);
        return;
    }
    if (equal(request->method, "INVITE")) {
        if (call->got.invites++ > 0) {
            got_again++;
            send_reply(call, request, "200 OK", true, NULL);
            return;
        }
        record(&invite_latency, time - call->began);
        call->callee = ANSWERED;
        call->callee_interval = T1;
        call->callee_again = time + T1;
        call->answered = time;
        send_reply(call, request, "180 Ringing", false, NULL);
        send_reply(call, request, "200 OK", true, &call->answered);
    } else if (equal(request->method, "ACK")) {
        if (++call->got.acks > call->sent.acks)
            complain("more ACKs than the caller sent", data, length);
        got_again += call->got.acks > 1;
        call->callee = CONFIRMED;
        call->callee_again = NEVER;
        end_if_complete(call, time);
    } else {
        got_again += call->got.byes++ > 0;
        send_reply(call, request, "200 OK", true, NULL);
    }
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

static void send_caller_again(struct call *call, uint64_t time)
{
    call->caller_interval *= 2;
    if (call->caller == ENDING) {
        struct kept *mine = &kept[call - calls];
        if (call->caller_interval > T2)
            call->caller_interval = T2;
        again_bye++;
        call->sent.byes++;
        send_kept(&alice, mine->bye, mine->bye_length);
    } else {
        again_invite++;
        send_invite(call, false);
    }
    call->caller_again = time + call->caller_interval;
}

static void send_callee_again(struct call *call, uint64_t time)
{
    struct kept *mine = &kept[call - calls];

    call->callee_interval = call->callee_interval * 2 > T2 ? T2 : call->callee_interval * 2;
    call->callee_again = time + call->callee_interval;
    again_ok++;
    call->sent.oks++;
    send_kept(&bob, mine->ok, mine->ok_length);
}

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
    if (!options.target_text)
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
