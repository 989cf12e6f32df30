/* The messages of a call: how they are read, and how they are written. */
#ifndef SIPWAY_BENCH_CALL_MESSAGES_H
#define SIPWAY_BENCH_CALL_MESSAGES_H

#include "common.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_RECORD_ROUTES = 4 };

#define ALICE "\"Alice\" <sip:alice@example.com>;tag=a"
#define BOB "\"Bob\" <sip:bob@example.com>"
#define BOB_TAG ";tag=b"
#define SDP(name) \
    "v=0\r\no=" name " 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" \
    "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n" \
    "a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"

static const char OFFER[] = SDP("alice"), ANSWER[] = SDP("bob");

/* ---- reading ---- */

struct text {
    const char *at;
    size_t length;
};

struct message {
    int status;              /* 0: a request */
    struct text method, uri; /* of a request */
    struct text via, next_via, from, to, call_id, cseq, contact, body;
    struct text record_routes[MAX_RECORD_ROUTES];
    int vias, record_route_count, routes, max_forwards;
};

static inline bool is_name(struct text name, const char *known)
{
    return name.length == strlen(known) && strncasecmp(name.at, known, name.length) == 0;
}

static inline bool equal(struct text text, const char *to)
{
    return text.length == strlen(to) && memcmp(text.at, to, text.length) == 0;
}

/* Whether a text is `before`, the 16 digits `id`, `after`. */
static inline bool is(struct text text, const char *before, const char *id, const char *after)
{
    size_t head = strlen(before), tail = strlen(after);
    return text.length == head + ID_DIGITS + tail && memcmp(text.at, before, head) == 0 &&
           memcmp(text.at + head, id, ID_DIGITS) == 0 &&
           memcmp(text.at + head + ID_DIGITS, after, tail) == 0;
}

static inline bool has(struct text text, const char *part)
{
    return memmem(text.at, text.length, part, strlen(part)) != NULL;
}

/* What stands between < and >, or an empty text. */
static inline struct text uri_of(struct text field)
{
    const char *open = memchr(field.at, '<', field.length);
    if (!open)
        return (struct text){field.at, 0};
    const char *close = memchr(open, '>', (size_t)(field.at + field.length - open));
    if (!close)
        return (struct text){field.at, 0};
    return (struct text){open + 1, (size_t)(close - open - 1)};
}

static inline bool read_first_line(const char *data, const char *end, struct message *message)
{
    if (end - data > 12 && memcmp(data, "SIP/2.0 ", 8) == 0) {
        message->status = (int)strtol(data + 8, NULL, 10);
        return message->status >= 100 && message->status <= 699;
    }
    const char *uri = memchr(data, ' ', (size_t)(end - data));
    const char *version = uri ? memchr(uri + 1, ' ', (size_t)(end - uri - 1)) : NULL;
    if (!version || end - version < 9 || memcmp(version, " SIP/2.0\r", 9) != 0)
        return false;
    message->method = (struct text){data, (size_t)(uri - data)};
    message->uri = (struct text){uri + 1, (size_t)(version - uri - 1)};
    return true;
}

static inline void read_field(struct text name, struct text value, struct message *message,
                              long *content_length)
{
    if (is_name(name, "Via")) {
        if (message->vias++ == 0)
            message->via = value;
        else if (message->vias == 2)
            message->next_via = value;
    } else if (is_name(name, "From")) {
        message->from = value;
    } else if (is_name(name, "To")) {
        message->to = value;
    } else if (is_name(name, "Call-ID")) {
        message->call_id = value;
    } else if (is_name(name, "CSeq")) {
        message->cseq = value;
    } else if (is_name(name, "Contact")) {
        message->contact = value;
    } else if (is_name(name, "Record-Route")) {
        if (message->record_route_count < MAX_RECORD_ROUTES)
            message->record_routes[message->record_route_count++] = value;
    } else if (is_name(name, "Route")) {
        message->routes++;
    } else if (is_name(name, "Max-Forwards")) {
        message->max_forwards = (int)strtol(value.at, NULL, 10);
    } else if (is_name(name, "Content-Length")) {
        *content_length = strtol(value.at, NULL, 10);
    }
}

/* Read a message, one value a line; what is wrong with its form, or NULL. */
static inline const char *read_message(const char *data, size_t length, struct message *message)
{
    const char *end = data + length, *line = memchr(data, '\n', length);
    long content_length = -1;

    memset(message, 0, sizeof *message);
    if (!line || !read_first_line(data, line, message))
        return "has no first line of SIP";
    while (++line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        if (!next)
            break;
        if (*line == '\r') {
            message->body = (struct text){next + 1, (size_t)(end - next - 1)};
            if (content_length != (long)message->body.length)
                return "has a wrong Content-Length";
            if (!message->call_id.at || !message->via.at || !message->from.at ||
                !message->to.at || !message->cseq.at)
                return "lacks a field that every message has";
            return NULL;
        }
        const char *colon = memchr(line, ':', (size_t)(next - line));
        if (!colon)
            return "has a line without a colon";
        const char *value = colon + 1, *stop = next;
        while (value < stop && *value == ' ')
            value++;
        while (stop > value && (stop[-1] == '\r' || stop[-1] == ' '))
            stop--;
        read_field((struct text){line, (size_t)(colon - line)},
                   (struct text){value, (size_t)(stop - value)}, message, &content_length);
        line = next;
    }
    return "has no end of header";
}

/* ---- writing; the buffer is as large as any message can get ---- */

struct writer {
    char *start, *at, *end;
};

static inline void put_bytes(struct writer *out, const char *text, size_t length)
{
    if (length > (size_t)(out->end - out->at)) {
        fprintf(stderr, "calls: a message grew beyond all bounds\n");
        exit(1);
    }
    memcpy(out->at, text, length);
    out->at += length;
}

static inline void put(struct writer *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

static inline void put_id(struct writer *out, const char *before, const char *id, const char *after)
{
    put(out, before);
    put_bytes(out, id, ID_DIGITS);
    put(out, after);
}

static inline void put_field(struct writer *out, const char *name, struct text value)
{
    put(out, name);
    put_bytes(out, value.at, value.length);
    put(out, "\r\n");
}

static inline void put_body(struct writer *out, const char *body)
{
    char line[80];
    snprintf(line, sizeof line, "%sContent-Length: %zu\r\n\r\n",
             *body ? "Content-Type: application/sdp\r\n" : "", strlen(body));
    put(out, line);
    put(out, body);
}

/* A request of the caller's, up to its routes: `kind` is a letter for its branch. */
static inline void put_request(struct writer *out, const char *method, struct text uri,
                               const char *caller, const char *kind, const char *id, bool tagged,
                               const char *cseq)
{
    put(out, method);
    put(out, " ");
    put_bytes(out, uri.at, uri.length);
    put(out, " SIP/2.0\r\nVia: SIP/2.0/UDP ");
    put(out, caller);
    put(out, ";branch=z9hG4bK");
    put_id(out, kind, id, ";rport\r\nMax-Forwards: 70\r\n");
    put_id(out, "From: " ALICE, id, "\r\n");
    if (tagged)
        put_id(out, "To: " BOB BOB_TAG, id, "\r\n");
    else
        put(out, "To: " BOB "\r\n");
    put_id(out, "Call-ID: ", id, "@");
    put(out, caller);
    put(out, "\r\nCSeq: ");
    put(out, cseq);
    put(out, "\r\n");
}

/* The ACK to a failure, made of it alone (RFC 3261 section 17.1.1.3). */
static inline void put_failure_ack(struct writer *out, const struct message *reply,
                                   const char *uri)
{
    put(out, "ACK ");
    put(out, uri);
    put(out, " SIP/2.0\r\n");
    put_field(out, "Via: ", reply->via);
    put(out, "Max-Forwards: 70\r\n");
    put_field(out, "From: ", reply->from);
    put_field(out, "To: ", reply->to);
    put_field(out, "Call-ID: ", reply->call_id);
    put(out, "CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
}

/* A reply of the callee's, complete (RFC 3261 sections 8.2.6 and 12.1.1). */
static inline void put_reply(struct writer *out, const char *status, const struct message *request,
                             const char *id, const char *contact, const char *body)
{
    put(out, "SIP/2.0 ");
    put(out, status);
    put(out, "\r\n");
    put_field(out, "Via: ", request->via);
    put_field(out, "Via: ", request->next_via);
    for (int i = 0; i < request->record_route_count; i++)
        put_field(out, "Record-Route: ", request->record_routes[i]);
    put_field(out, "From: ", request->from);
    put_id(out, "To: " BOB BOB_TAG, id, "\r\n");
    put_field(out, "Call-ID: ", request->call_id);
    put_field(out, "CSeq: ", request->cseq);
    if (*contact) {
        put(out, "Contact: <");
        put(out, contact);
        put(out, ">\r\n");
    }
    put_body(out, body);
}

#endif
