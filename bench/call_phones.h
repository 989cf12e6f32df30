/* The phones: what callers and callees do with each message, and what they hold against it.
 * A part of calls.c.
 */
#ifndef SIPWAY_BENCH_CALL_PHONES_H
#define SIPWAY_BENCH_CALL_PHONES_H

#include "call_messages.h"

#include <errno.h>
#include <sys/socket.h>

enum {
    BATCH = 64,
    BUFFER = 4096,
    KEPT = 1536, /* bytes of a message that may have to be sent again */
};

#define T1 (NANOSECONDS / 2)
#define T2 (4 * NANOSECONDS)
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
    bool got_100, got_180, got_ok;
    struct counts sent, got;
    char hex[ID_DIGITS];
};

/* What may have to be sent again; apart from its call, which is looked at far more often. */
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

static const char *proxy; /* its IP:PORT */
static struct side alice = {.fd = -1}, bob = {.fd = -1};
static struct call *calls;
static struct kept *kept;
static uint32_t *free_calls;
static long free_count, highest; /* no call beyond `highest` has ever been used */

static uint64_t run_id;
static uint32_t next_number = 1;

static uint64_t begun, completed, in_time, unanswered, lost_accepted, not_offered, wrong, late;
static uint64_t again_invite, again_ok, again_bye, got_again, without_100, without_180;
static uint64_t refused[700];
static struct histogram invite_latency, ok_latency, call_latency;
static char first_wrong[1024];
static char call_host[48]; /* what follows the digits in a Call-ID */

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
        if (reply->record_route_count == 0 || !has(reply->record_routes[0], proxy))
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
    if (!has(request->via, proxy) || !has(request->via, "branch=z9hG4bK"))
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
            !has(request->record_routes[0], proxy) ||
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

/* ---- sending again (RFC 3261 sections 13.3.1.4, 17.1.1.2 and 17.1.2.2) ---- */

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

#endif
